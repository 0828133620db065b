using TalentSphere.Judge;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddWorkerDefaults("judge");
builder.AddJudge();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapJudge();
return await app.RunServiceAsync(args);
