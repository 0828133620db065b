namespace TalentSphere.Gateway.Edge;

/// <summary>The interactive documentation of the merged OpenAPI document.</summary>
internal static class ApiDocs
{
    public const string Path = "/api/docs";

    public static void UseApiDocs(this WebApplication app) => app.UseSwaggerUI(ui =>
    {
        ui.RoutePrefix = Path[1..];
        ui.DocumentTitle = "TalentSphere API";
        ui.SwaggerEndpoint("/api/openapi.json", "TalentSphere");
    });
}
