using Microsoft.Extensions.Configuration.Json;
using TalentSphere.Gateway.Data;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Wires the configuration that changes while the gateway runs.</summary>
internal static class HotConfigurationExtensions
{
    /// <summary>Puts the guard before the files and the overlay over everything. Call it before anything reads the configuration.</summary>
    public static void AddHotConfiguration(this WebApplicationBuilder builder)
    {
        var guard = new ConfigurationGuard(builder.Configuration);
        var overlay = new OverlayProvider();
        var sources = builder.Configuration.Sources;
        for (var i = 0; i < sources.Count; i++)
        {
            if (sources[i] is JsonConfigurationSource { ReloadOnChange: true } file)
                sources[i] = new GuardedFileSource(file, guard);
        }
        sources.Add(overlay);
        builder.Services.AddSingleton(guard);
        builder.Services.AddSingleton(overlay);
        builder.Services.AddSingleton<ConfigurationStore>();
        builder.Services.AddSingleton<IChangeFollower>(s => s.GetRequiredService<ConfigurationStore>());
        builder.Services.AddSingleton(new HotSection("ReverseProxy"));
        builder.Services.AddSingleton<IConfigChangeListener, ProxyConfigurationWatch>();
        builder.Services.AddSingleton<IEdgeConfigurationCheck, ProxyCheck>();
        builder.Services.AddSingleton<IEdgeConfigurationCheck, RouteMetadataCheck>();
        builder.Services.AddHealthChecks().AddCheck<ConfigurationHealthCheck>("configuration");
    }

    /// <summary>From here on changes are checked.</summary>
    public static void UseHotConfiguration(this WebApplication app) => app.Services.GetRequiredService<ConfigurationGuard>().Begin(app.Services);

    /// <summary>
    /// Lets a section be changed at run time. Its options follow by <c>IOptionsMonitor</c>, and every <c>IValidateOptions</c> of theirs is asked before a change takes effect.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section's name.</param>
    public static void AddHotSection<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        var hot = new HotSection(section);
        services.AddSingleton(hot);
        services.AddSingleton<IEdgeConfigurationCheck>(s => ActivatorUtilities.CreateInstance<OptionsCheck<TOptions>>(s, hot));
    }
}
