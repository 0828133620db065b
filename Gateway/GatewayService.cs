using Microsoft.AspNetCore.Authorization;
using TalentSphere.Gateway.Accounts;
using TalentSphere.Gateway.Data;
using TalentSphere.Gateway.Edge;
using TalentSphere.Gateway.Edge.Batch;
using TalentSphere.Gateway.Edge.Connections;
using TalentSphere.Gateway.Edge.Explain;
using TalentSphere.Gateway.Edge.Flags;
using TalentSphere.Gateway.Edge.HotConfiguration;
using TalentSphere.Gateway.Edge.Idempotency;
using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.Gateway.Edge.Requests;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.Gateway.Edge.ResponseCaching;
using TalentSphere.Gateway.Edge.Routing;
using TalentSphere.Gateway.Edge.Status;
using TalentSphere.Gateway.Edge.Tenants;
using TalentSphere.Gateway.Edge.Usage;
using TalentSphere.Gateway.Edge.Versioning;
using TalentSphere.Gateway.OpenApi;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace TalentSphere.Gateway;

/// <summary>Everything the gateway has. Routes and clusters are YARP's own configuration in appsettings.json.</summary>
public static class GatewayService
{
    /// <summary>Adds the proxy and the edge concerns.</summary>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        // It makes the server begin a span for each request, collected or not. A trace that a caller has begun goes on without (ServerSpanMiddleware).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.AddHotConfiguration();
        builder.AddServiceDatabase<GatewayDbContext>();
        builder.AddMessaging<GatewayDbContext>(m => m.AddConsumer<EraseUserOnAccountDeleted>());
        builder.AddRedis();
        builder.AddLimits();
        builder.Services.AddChangeFeed();
        builder.Services.AddFlags();
        builder.Services.AddUsage();
        builder.Services.AddTenants();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddTransforms(UpstreamRequestHeaders.Apply)
            .AddTransforms(IdentityHeaders.Apply)
            .AddTransforms(EmptyContent.Apply)
            .AddTransforms(StandInAnswer.Recognize);
        builder.AddUpstreamResilience();
        builder.Services.AddStatefulRouting();
        builder.Services.AddSingleton<IDestinationResolver, MeshDestinationResolver>();
        builder.Services.AddSingleton<IAuthorizationHandler, TokenIfAnyHandler>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(TokenIfAny.PolicyName, p => p.AddRequirements(new TokenIfAny()));
        builder.Services.AddEdgeCors(builder.Configuration);
        builder.Services.AddEdgeCompression();
        builder.Services.AddConnectionLimits();
        builder.Services.AddHttpClient<MergedDocument>(http => (http.Timeout, http.MaxResponseContentBufferSize) = (TimeSpan.FromSeconds(5), 8 * 1024 * 1024))
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
        builder.Services.AddSingleton<MergedDocumentCache>();
        builder.Services.AddVersioning();
        builder.Services.AddIdempotency();
        builder.Services.AddResponseCache();
        builder.Services.AddBatch();
        builder.Services.AddPlatformStatus();
    }

    /// <summary>What stands around everything, failures included.</summary>
    public static void UseEdge(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseMiddleware<HopByHopMiddleware>();
        app.UseResponseCompression();
        app.UseBatch();
    }

    /// <summary>What decides about a request, or rewrites it, before its route is chosen.</summary>
    public static void UseBeforeRouting(this WebApplication app)
    {
        app.UseCors();
        app.UseMiddleware<RequestTargetMiddleware>();
        app.UseMiddleware<MetricsInside>();
        app.UseMiddleware<ApiVersionMiddleware>();
        app.UseApiDocs();
    }

    /// <summary>What knows who calls, and sees also those who will be refused.</summary>
    public static void UseAfterAuthentication(this WebApplication app)
    {
        app.UseMiddleware<UsageMiddleware>();
        app.UseMiddleware<ExplainMiddleware>();
        app.UseLimits();
    }

    /// <summary>What stands between a request that was let in and the service that it is for.</summary>
    public static void UseBeforeProxy(this WebApplication app)
    {
        // Behind authorization: a token that has expired is refused as such, and its caller not taken for somebody without one.
        app.UseMiddleware<TenantMiddleware>();
        app.UseMiddleware<FlagGateMiddleware>();
        app.UseVersionLifecycle();
        app.UseIdempotency();
        app.UseResponseCache();
    }

    /// <summary>Maps the API documents and the proxied routes.</summary>
    public static void MapGateway(this WebApplication app)
    {
        app.MapGet("/api/openapi.json", MergedDocument.GetAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapFlags();
        app.MapConfiguration();
        app.MapUsage();
        app.UseHotConfiguration();
        app.MapPlatformStatus();
        app.MapBatch();
        app.MapCacheAdministration();
        var tags = app.Services.GetRequiredService<CacheTags>();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(app.Services.GetRequiredService<WebSocketLimit>().PassAsync);
            proxy.Use(app.Services.GetRequiredService<BodyCollection>().PassAsync);
            proxy.UseMiddleware<UpstreamMiddleware>();
            proxy.UseMiddleware<CanaryMiddleware>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        }).WithUpstreamResilience(app.Services).WithStatefulRouting().WithRouteLimits(app.Services).ConfigureEndpoints((endpoint, route) =>
        {
            endpoint.AddRequiredFlag(route);
            endpoint.AddVersionLifecycle(route);
            endpoint.AddCachePolicy(route, tags);
        });
    }
}
