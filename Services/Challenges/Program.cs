using TalentSphere.Challenges;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("challenges");
builder.AddChallenges();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapChallenges();
return await app.RunServiceAsync(args);
