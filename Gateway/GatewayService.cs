using Microsoft.AspNetCore.Authorization;
using TalentSphere.Gateway.Accounts;
using TalentSphere.Gateway.Data;
using TalentSphere.Gateway.Edge;
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
        builder.AddServiceDatabase<GatewayDbContext>();
        builder.AddMessaging<GatewayDbContext>(m => m.AddConsumer<EraseUserOnAccountDeleted>());
        builder.AddRedis();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddTransforms(IdentityHeaders.Apply);
        builder.Services.AddSingleton<IDestinationResolver, MeshDestinationResolver>();
        builder.Services.AddSingleton<IAuthorizationHandler, TokenIfAnyHandler>();
        builder.Services.AddAuthorizationBuilder().AddPolicy(TokenIfAny.PolicyName, p => p.AddRequirements(new TokenIfAny()));
        builder.Services.AddEdgeCors(builder.Configuration);
        builder.Services.AddEdgeCompression();
        builder.Services.AddHttpClient<MergedDocument>(http => http.Timeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<MergedDocumentCache>();
    }

    /// <summary>What stands around everything, failures included.</summary>
    public static void UseEdge(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseResponseCompression();
    }

    /// <summary>What decides about a request, or rewrites it, before its route is chosen.</summary>
    public static void UseBeforeRouting(this WebApplication app)
    {
        app.UseCors();
        app.UseMiddleware<ApiVersionMiddleware>();
        app.UseApiDocs();
    }

    /// <summary>What knows who calls, and sees also those who will be refused.</summary>
    public static void UseAfterAuthentication(this WebApplication app)
    {
    }

    /// <summary>What stands between a request that was let in and the service that it is for.</summary>
    public static void UseBeforeProxy(this WebApplication app)
    {
    }

    /// <summary>Maps the API documents and the proxied routes.</summary>
    public static void MapGateway(this WebApplication app)
    {
        app.MapGet("/api/openapi.json", MergedDocument.GetAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(UpstreamFailures.AnswerAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }
}
