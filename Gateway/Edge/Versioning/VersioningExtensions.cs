using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Versioning;

/// <summary>Versions, deprecation and sunset (contracts: HTTP).</summary>
internal static class VersioningExtensions
{
    public static void AddVersioning(this IServiceCollection services) =>
        services.AddOptions<VersionOptions>().BindConfiguration(VersionOptions.Section).ValidateDataAnnotations().ValidateOnStart();

    /// <summary>Once the route is known.</summary>
    public static void UseVersionLifecycle(this IApplicationBuilder app) => app.UseMiddleware<VersionLifecycleMiddleware>();

    /// <summary>Puts what the route's metadata says of its version on its endpoint.</summary>
    public static void AddVersionLifecycle(this IEndpointConventionBuilder endpoint, RouteConfig route)
    {
        if (VersionLifecycle.Read(route) is { } lifecycle)
            endpoint.WithMetadata(lifecycle);
    }

    /// <summary>The same for a route of the gateway's own: <c>Versions:Routes:{name}</c>.</summary>
    public static TBuilder WithVersionLifecycle<TBuilder>(this TBuilder builder, IConfiguration configuration, string name)
        where TBuilder : IEndpointConventionBuilder =>
        VersionLifecycle.Read(configuration, name) is { } lifecycle ? builder.WithMetadata(lifecycle) : builder;
}
