using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; plain log lines on the console always.</summary>
internal static class TelemetryExtensions
{
    /// <summary>The sources and meters every process reports, ours and the libraries'.</summary>
    private static readonly string[] _sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Yarp.ReverseProxy", "TalentSphere.*"];

    private static readonly string[] _meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "TalentSphere.*",
    ];

    public static void AddTelemetry(this IHostApplicationBuilder builder, ServiceIdentity service)
    {
        builder.Logging.ClearProviders();
        // Another form (json) is the framework's own.
        if (builder.Configuration["Logging:Console:FormatterName"] is { } form && form != LineLoggerProvider.FormName)
            builder.Logging.AddConsole(o => o.FormatterName = form);
        else
            builder.Services.AddSingleton<ILoggerProvider, LineLoggerProvider>();
        foreach (var (category, level) in _quietCategories)
            builder.Logging.AddFilter(category, level);
        builder.Services.AddSingleton(new PrometheusMetrics());

        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        builder.Logging.AddOpenTelemetry(o =>
        {
            o.IncludeScopes = true;
            o.IncludeFormattedMessage = true;
            o.SetResourceBuilder(Resource(ResourceBuilder.CreateDefault(), service));
            o.AddOtlpExporter();
        });
        builder.Services.AddSingleton(_ => OpenTelemetrySdk.Create(otel => otel
            .ConfigureResource(r => Resource(r, service))
            .WithTracing(t => t.AddSource(_sources).AddProcessor(new ServerSpanProcessor()).AddOtlpExporter())
            .WithMetrics(m => m.AddMeter(_meters).AddOtlpExporter())));
        // First, so that what the other hosted services do at start is seen.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryStart>());
    }

    private static readonly (string Category, LogLevel Level)[] _quietCategories =
    [
        ("Microsoft.AspNetCore", LogLevel.Warning),
        // A refused token is an answer, not an event of this process; a missing key set is reported by TokenAuthentication.
        ("Microsoft.AspNetCore.Authentication", LogLevel.None),
        ("Microsoft.EntityFrameworkCore", LogLevel.Warning),
        ("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None),
        ("MassTransit", LogLevel.Warning),
        ("System.Net.Http.HttpClient", LogLevel.Warning),
        ("Yarp", LogLevel.Error),
        ("Npgsql", LogLevel.Warning),
    ];

    private static ResourceBuilder Resource(ResourceBuilder resource, ServiceIdentity service) =>
        resource.AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? service.Name, autoGenerateServiceInstanceId: false).AddEnvironmentVariableDetector();

    /// <summary>Resolves the SDK so that it listens, and flushes it at the end.</summary>
    private sealed class TelemetryStart(OpenTelemetrySdk sdk) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            sdk.TracerProvider.ForceFlush(1000);
            sdk.MeterProvider.ForceFlush(1000);
            return Task.CompletedTask;
        }
    }
}
