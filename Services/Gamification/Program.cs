using TalentSphere.Gamification;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("gamification");
builder.AddGamification();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapGamification();
return await app.RunServiceAsync(args);
