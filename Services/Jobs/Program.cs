using TalentSphere.Jobs;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("jobs");
builder.AddJobs();
var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapJobs();
return await app.RunServiceAsync(args);
