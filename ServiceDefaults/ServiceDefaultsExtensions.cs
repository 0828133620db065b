using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Configuration;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Health;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.ServiceDefaults.OpenApi;
using TalentSphere.ServiceDefaults.Telemetry;

namespace TalentSphere.ServiceDefaults;

/// <summary>What every process of the mesh has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>The largest request body that is read, in bytes, unless a route says otherwise.</summary>
    public const int MaxRequestBody = 1024 * 1024;

    /// <summary>Adds telemetry, health, token checks, the envelopes, limits and a graceful end. Call it first.</summary>
    /// <param name="builder">The process' builder.</param>
    /// <param name="name">The service's name in the mesh: resource, event domain and database.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string name)
    {
        builder.AddWorkerDefaults(name);
        builder.AddTokenAuthentication();
        return builder;
    }

    /// <summary>The same for a process that knows no accounts: it adds an authentication scheme of its own for those who may call it.</summary>
    /// <param name="builder">The process' builder.</param>
    /// <param name="name">The process' name in the mesh.</param>
    public static WebApplicationBuilder AddWorkerDefaults(this WebApplicationBuilder builder, string name)
    {
        var service = new ServiceIdentity(name);
        builder.AddSecretFiles();
        builder.Services.AddSingleton(service);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<StartupState>();
        builder.AddTelemetry(service);
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<IProblemDetailsWriter, EnvelopeProblemDetailsWriter>();
        builder.Services.AddProblemDetails();
        builder.Services.AddServiceDocument(service);
        builder.Services.ConfigureHttpJsonOptions(o => ApiJson.Apply(o.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        builder.Services.Configure<KestrelServerOptions>(o =>
        {
            o.AddServerHeader = false;
            o.Limits.MaxRequestBodySize = MaxRequestBody;
        });
        builder.AddTrustedProxies();
        builder.Services.AddOptions<DrainOptions>().BindConfiguration("Drain").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Timeout + drain.Value.Delay);
        builder.Services.AddHostedService<Drain>();
        return builder;
    }

    /// <summary>Adds the pipeline that every request passes, outermost first. Call it before mapping routes.</summary>
    /// <param name="app">The process.</param>
    /// <param name="beforeRouting">What else must see a request before its route is chosen.</param>
    /// <param name="afterAuthentication">What must know who calls, and see also those who will be refused.</param>
    public static WebApplication UseServiceDefaults(
        this WebApplication app, Action<WebApplication>? beforeRouting = null, Action<WebApplication>? afterAuthentication = null)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<ServerSpanMiddleware>();
        app.UseMiddleware<CorrelationMiddleware>();
        app.UseMiddleware<AccessLogMiddleware>();
        app.UseMiddleware<FailureMiddleware>();
        beforeRouting?.Invoke(app);
        app.UseRouting();
        app.UseAuthentication();
        afterAuthentication?.Invoke(app);
        app.UseAuthorization();
        // A worker has no accounts, and no streams that belong to one.
        if (app.Services.GetService<OpenStreams>() is { } streams)
            app.Use(streams.PassAsync);
        app.Use(RequestBodyFaults.RememberBodyAsync);
        return app;
    }

    /// <summary>Maps the probes, <c>/metrics</c>, the OpenAPI document and, for a service with messaging, the administration of its events.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        HealthEndpoints.Map(app);
        app.MapGet("/metrics", (PrometheusMetrics metrics) => TypedResults.Text(metrics.Write(), "text/plain; version=0.0.4"))
            .AllowAnonymous().ExcludeFromDescription().WithMetadata(new QuietRouteMetadata()).DisableRateLimiting();
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapEventAdministration();
        return app;
    }

    /// <summary>Runs the service; with <c>--migrate</c> among the arguments it brings the schema up to date and ends instead.</summary>
    /// <returns>The process' exit code.</returns>
    public static async Task<int> RunServiceAsync(this WebApplication app, string[] args)
    {
        if (args.Contains("--migrate"))
        {
            await app.Services.GetRequiredService<IDatabaseMigration>().ApplyAsync(CancellationToken.None);
            return 0;
        }
        RoutePolicies.EnsureEveryRouteDecided(app);
        RequestValidation.EnsureEveryBodyIsValidated(app);
        await app.RunAsync();
        return 0;
    }
}
