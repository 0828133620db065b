namespace TalentSphere.Gateway.Edge;

/// <summary>The interactive documentation of the merged OpenAPI document.</summary>
internal static class ApiDocs
{
    public const string Path = "/api/docs";

    // It looks at every path with regular expressions: only those under its own are shown to it.
    public static void UseApiDocs(this WebApplication app) => app.UseWhen(context => context.Request.Path.StartsWithSegments(Path), docs => docs.UseSwaggerUI(ui =>
    {
        ui.RoutePrefix = Path[1..];
        ui.DocumentTitle = "TalentSphere API";
        ui.SwaggerEndpoint("/api/openapi.json", "TalentSphere");
    }));
}
