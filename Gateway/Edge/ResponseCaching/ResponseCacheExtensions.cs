using TalentSphere.ServiceDefaults.Auth;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>The gateway's own cache (contracts: HTTP).</summary>
internal static class ResponseCacheExtensions
{
    public static void AddResponseCache(this IServiceCollection services)
    {
        services.AddOptions<ResponseCacheOptions>().BindConfiguration(ResponseCacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<CacheTags>();
        services.AddSingleton<ResponseCache>();
        services.AddSingleton<CacheRefresh>();
        services.AddSingleton<PurgeLink>();
        services.AddHostedService(provider => provider.GetRequiredService<PurgeLink>());
    }

    /// <summary>Last before the routes: what is served from here was allowed, limited and counted like everything else.</summary>
    public static void UseResponseCache(this IApplicationBuilder app) => app.UseMiddleware<ResponseCacheMiddleware>();

    /// <summary>Puts what the route's metadata says of the cache on its endpoint.</summary>
    public static void AddCachePolicy(this IEndpointConventionBuilder endpoint, RouteConfig route, CacheTags tags)
    {
        if (CachePolicy.Read(route, tags) is { } policy)
            endpoint.WithMetadata(policy);
    }

    /// <summary>Maps what an administrator can do with it.</summary>
    public static void MapCacheAdministration(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/admin/gateway/cache/purge", PurgeCache.Handle).WithTags("Cache").RequireAdministrator()
            .WithName("PurgeCache").WithSummary("Forgets the answers with these tags, on every gateway; * is all of them.");
}
