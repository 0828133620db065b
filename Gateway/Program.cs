using TalentSphere.Gateway;
using TalentSphere.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("gateway");
builder.AddGateway();

var app = builder.Build();
app.UseEdge();
app.UseServiceDefaults(GatewayService.UseBeforeRouting, GatewayService.UseAfterAuthentication);
app.UseBeforeProxy();
app.MapDefaultEndpoints();
app.MapGateway();
return await app.RunServiceAsync(args);
