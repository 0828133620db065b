using System.Globalization;
using System.Security.Cryptography;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>The Aspire dashboard of this mesh: where it listens, the keys between it and us (new for each run), and the process that it is.</summary>
internal sealed class DashboardAccess
{
    private readonly int _front;
    private readonly int _otlp;
    private readonly string _loginToken = NewKey();
    private readonly string _otlpKey = NewKey();
    private readonly string _apiKey = NewKey();

    private DashboardAccess(string program, PortLeases ports)
    {
        (_front, _otlp, Feed) = (ports.Take(), ports.Take(), ports.Take());
        var otlpHttp = ports.Take();
        var resource = new ExecutableResource("aspire-dashboard", program, Path.GetDirectoryName(program)!);
        resource.Annotations.Add(new CommandLineArgsCallbackAnnotation(context =>
        {
            context.Args.Add("dashboard");
            return Task.CompletedTask;
        }));
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            foreach (var (name, value) in Environment(otlpHttp))
                context.EnvironmentVariables[name] = value;
            return Task.CompletedTask;
        }));
        var endpoint = new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, "http", name: "http", port: _front);
        endpoint.Allocate([_front]);
        resource.Annotations.Add(endpoint);
        resource.Annotations.Add(new HttpHealthCheckAnnotation("dashboard_health", "http", "/health", 200));
        Resource = resource;
    }

    public ExecutableResource Resource { get; }

    /// <summary>The port of the resource service.</summary>
    public int Feed { get; }

    public string FeedKey { get; } = NewKey();

    /// <summary>Without the token: for what is written down.</summary>
    public string Url => Local(_front, "localhost");

    public string LoginUrl => $"{Local(_front, "localhost")}/login?t={_loginToken}";

    /// <summary>Null when it is switched off or not installed.</summary>
    public static DashboardAccess? Prepare(MeshSettings settings, PortLeases ports) =>
        settings.Dashboard && File.Exists(Program(settings)) ? new(Program(settings), ports) : null;

    public static string WhyNot(MeshSettings settings) => settings.Dashboard
        ? $"  No dashboard: it is not installed in {settings.DashboardDirectory}."
        : "  No dashboard: it is switched off.";

    /// <summary>What makes a project send its traces, metrics and logs here, at once rather than in batches.</summary>
    public IEnumerable<KeyValuePair<string, object>> TelemetryEnvironment() =>
    [
        new("OTEL_EXPORTER_OTLP_ENDPOINT", Local(_otlp)),
        new("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        new("OTEL_EXPORTER_OTLP_HEADERS", new SecretText($"x-otlp-api-key={_otlpKey}")),
        new("OTEL_BLRP_SCHEDULE_DELAY", "1000"),
        new("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        new("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        new("OTEL_TRACES_SAMPLER", "always_on"),
        new("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based"),
    ];

    private static string Program(MeshSettings settings) => Path.Combine(settings.DashboardDirectory, "bundle", "managed", "aspire-managed");

    private Dictionary<string, object> Environment(int otlpHttp) => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = Local(_front),
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Local(_otlp),
        ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = Local(otlpHttp),
        ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Local(Feed),
        ["ASPIRE_CLI_PID"] = System.Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken",
        ["DASHBOARD__FRONTEND__BROWSERTOKEN"] = new SecretText(_loginToken),
        ["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__OTLP__PRIMARYAPIKEY"] = new SecretText(_otlpKey),
        ["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = new SecretText(FeedKey),
        ["DASHBOARD__API__AUTHMODE"] = "ApiKey",
        ["DASHBOARD__API__PRIMARYAPIKEY"] = new SecretText(_apiKey),
        ["Logging__LogLevel__Default"] = "Warning",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCConserveMemory"] = "5",
    };

    private static string Local(int port, string host = "127.0.0.1") => string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}");

    private static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
