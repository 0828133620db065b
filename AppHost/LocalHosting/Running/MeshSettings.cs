using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>The <c>Mesh:*</c> configuration of a local run. Times are given in seconds.</summary>
internal sealed record MeshSettings(
    string StateDirectory, bool Ephemeral, bool Dashboard, string DashboardDirectory, TimeSpan StartupTimeout, TimeSpan StopTimeout)
{
    /// <summary>The dashboard release that <see cref="Wire"/> was written against.</summary>
    public const string DashboardVersion = "13.5.4";

    public static MeshSettings From(IConfiguration configuration, string appHostDirectory, bool disableDashboard)
    {
        var state = configuration["Mesh:StateDirectory"] ?? configuration["MESH_STATE"] ?? Path.Combine(appHostDirectory, "..", ".mesh");
        var cache = configuration["XDG_CACHE_HOME"] is { Length: > 0 } given ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new(
            Path.GetFullPath(state),
            configuration.GetValue("Mesh:Ephemeral", defaultValue: false),
            !disableDashboard && !string.Equals(configuration["Mesh:Dashboard"], "off", StringComparison.OrdinalIgnoreCase),
            configuration["Mesh:DashboardDirectory"] ?? Path.Combine(cache, "talentsphere", $"dashboard-{DashboardVersion}"),
            Seconds(configuration, "Mesh:StartupTimeout", 120),
            Seconds(configuration, "Mesh:StopTimeout", 10));
    }

    private static TimeSpan Seconds(IConfiguration configuration, string key, double otherwise) =>
        configuration[key] is not { } text ? TimeSpan.FromSeconds(otherwise)
        : double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds)
        : throw new DistributedApplicationException($"{key} is '{text}': it must be a number of seconds above 0.");
}
