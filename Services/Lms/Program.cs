using TalentSphere.Lms;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("lms");
builder.AddLms();
var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapLms();
return await app.RunServiceAsync(args);
