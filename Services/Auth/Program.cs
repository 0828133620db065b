using TalentSphere.Auth;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("auth");
builder.AddAuth();
var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapAuth();
return await app.RunServiceAsync(args);
