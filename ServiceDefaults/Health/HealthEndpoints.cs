using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Health;

/// <summary>The probes: live touches nothing, ready asks the dependencies, startup waits for migrations, deep tells timings to operators.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var probes = routes.MapGroup("").ExcludeFromDescription().WithMetadata(new QuietRouteMetadata()).DisableRateLimiting();
        foreach (var path in (string[])["/health", "/health/live", "/api/health"])
            probes.MapGet(path, Live).AllowAnonymous();
        foreach (var path in (string[])["/ready", "/health/ready"])
            probes.MapGet(path, ReadyAsync).AllowAnonymous();
        probes.MapGet("/health/startup", Startup).AllowAnonymous();
        probes.MapGet("/health/deep", DeepAsync).RequireOperator();
    }

    private static IResult Live(ServiceIdentity service) => Json(StatusCodes.Status200OK, new("ok", service.Name, null));

    private static IResult Startup(ServiceIdentity service, StartupState startup) => startup.IsStarted
        ? Json(StatusCodes.Status200OK, new("ok", service.Name, null))
        : Json(StatusCodes.Status503ServiceUnavailable, new("unavailable", service.Name, null));

    private static async Task<IResult> ReadyAsync(ServiceIdentity service, StartupState startup, HealthCheckService checks, CancellationToken cancellationToken)
    {
        if (startup.IsDraining || !startup.IsStarted)
        {
            var reason = startup.IsDraining ? "draining" : "startup";
            return Json(StatusCodes.Status503ServiceUnavailable, new("unavailable", service.Name, new Dictionary<string, HealthEntry> { [reason] = new("unavailable", 0) }));
        }
        return Report(service, await checks.CheckHealthAsync(c => c.Tags.Contains(HealthTags.Ready), cancellationToken));
    }

    private static async Task<IResult> DeepAsync(ServiceIdentity service, HealthCheckService checks, CancellationToken cancellationToken) =>
        Report(service, await checks.CheckHealthAsync(cancellationToken));

    private static IResult Report(ServiceIdentity service, HealthReport report)
    {
        var status = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return Json(status, new(
            Word(report.Status), service.Name,
            report.Entries.ToDictionary(e => e.Key, e => new HealthEntry(Word(e.Value.Status), Math.Round(e.Value.Duration.TotalMilliseconds, 2)))));
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "ok",
        HealthStatus.Degraded => "degraded",
        _ => "unavailable",
    };

    private static IResult Json(int status, HealthBody body) => new HealthResult(status, body);

    private sealed class HealthResult(int status, HealthBody body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsJsonAsync(body, ApiJson.Options, "application/json", httpContext.RequestAborted);
        }
    }
}

/// <summary>What a probe answers.</summary>
internal sealed record HealthBody(
    string Status, string Service, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, HealthEntry>? Checks);

/// <summary>One check: how it is, and how long asking took.</summary>
internal sealed record HealthEntry(string Status, double DurationMs);
