using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.HotConfiguration;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>Limits at the edge.</summary>
internal static class LimitExtensions
{
    /// <summary>Adds the policies of section <c>Limits</c>, shared with other replicas through Redis.</summary>
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        builder.Services.AddHotSection<LimitOptions>(LimitOptions.Section);
        builder.Services.AddSingleton<IQuotaScripting, RedisQuotaScripting>();
        builder.Services.AddSingleton<QuotaStore>();
        builder.Services.AddSingleton<LimitPolicies>();
        builder.Services.AddSingleton<LimitMetrics>();
        builder.Services.AddHostedService<QuotaUpkeep>();
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "limits", s => new LimitHealthCheck(s.GetRequiredService<QuotaStore>()), HealthStatus.Degraded, [HealthTags.Ready]));
    }

    /// <summary>Counts requests. After authentication, before authorization.</summary>
    public static void UseLimits(this IApplicationBuilder app)
    {
        // Nobody asks for the instruments: they are there from here on.
        app.ApplicationServices.GetRequiredService<LimitMetrics>();
        app.UseMiddleware<LimitMiddleware>();
    }

    /// <summary>Lets the proxy's routes name a limit of their own.</summary>
    public static ReverseProxyConventionBuilder WithRouteLimits(this ReverseProxyConventionBuilder proxy, IServiceProvider services)
    {
        RouteLimit.Check(services.GetRequiredService<IConfiguration>(), services.GetRequiredService<LimitPolicies>());
        return proxy.ConfigureEndpoints((endpoint, route) => RouteLimit.Apply(endpoint, route));
    }
}
