using TalentSphere.Gateway.Edge.Versioning;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Status;

/// <summary>The platform's status page, for anybody. Its first version is deprecated: a map of names has no room for when.</summary>
internal static class StatusRoutes
{
    public static void AddPlatformStatus(this IServiceCollection services) => services.AddSingleton<PlatformStatus>();

    public static void MapPlatformStatus(this WebApplication app)
    {
        app.MapGet("/api/v1/status", ReadMapAsync).AllowAnonymous().WithTags("Status").WithName("ReadStatusV1").WithSummary("How the services are, by name.").WithVersionLifecycle(app.Configuration, "status-v1");
        app.MapGet("/api/v2/status", ReadListAsync).AllowAnonymous().WithTags("Status").WithName("ReadStatus").WithSummary("How the services are, and since when.");
    }

    private static async Task<ApiOk<Dictionary<string, ServiceState>>> ReadMapAsync(PlatformStatus status, CancellationToken cancellationToken) =>
        Api.Ok((await status.GetAsync(cancellationToken)).ToDictionary(s => s.Service, s => s.State));

    private static async Task<ApiOk<IReadOnlyList<ServiceStatus>>> ReadListAsync(PlatformStatus status, CancellationToken cancellationToken) =>
        Api.Ok(await status.GetAsync(cancellationToken));
}
