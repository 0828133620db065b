using System.Globalization;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Versioning;

/// <summary>
/// That a version of a route goes, and when: <c>Deprecation</c> (RFC 9745), <c>Sunset</c> (RFC 8594) and where to go instead. Parsed once, put on the endpoint.
/// A proxied route says it in its metadata: <c>Version.Deprecated</c> and <c>Version.Sunset</c> (ISO 8601, UTC), <c>Version.Successor</c> (a path).
/// </summary>
internal sealed class VersionLifecycle
{
    private VersionLifecycle(string route, DateTimeOffset? deprecated, DateTimeOffset? sunset, string? successor)
    {
        Route = route;
        EndsAt = sunset;
        Deprecation = deprecated is { } since ? $"@{since.ToUnixTimeSeconds()}" : null;
        Sunset = sunset?.ToString("R", CultureInfo.InvariantCulture);
        Link = successor is null ? null : $"<{successor}>; rel=\"successor-version\"";
    }

    /// <summary>The route's name, for metrics.</summary>
    public string Route { get; }

    /// <summary>From then on it is gone.</summary>
    public DateTimeOffset? EndsAt { get; }

    public string? Deprecation { get; }

    public string? Sunset { get; }

    public string? Link { get; }

    /// <returns>Null when nothing is said.</returns>
    /// <exception cref="InvalidOperationException">A time is no time.</exception>
    public static VersionLifecycle? Read(RouteConfig route) => Read(route.RouteId, key => route.Metadata?.GetValueOrDefault($"Version.{key}"));

    /// <inheritdoc cref="Read(RouteConfig)"/>
    public static VersionLifecycle? Read(IConfiguration configuration, string route) => Read(route, key => configuration[$"{VersionOptions.Section}:Routes:{route}:{key}"]);

    private static VersionLifecycle? Read(string route, Func<string, string?> setting)
    {
        var (deprecated, sunset) = (Time(route, "Deprecated", setting), Time(route, "Sunset", setting));
        return deprecated is null && sunset is null ? null : new(route, deprecated, sunset, setting("Successor"));
    }

    private static DateTimeOffset? Time(string route, string key, Func<string, string?> setting)
    {
        if (setting(key) is not { Length: > 0 } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : throw new InvalidOperationException($"Route {route}: Version.{key} is no ISO 8601 time.");
    }
}
