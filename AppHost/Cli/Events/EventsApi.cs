using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using TalentSphere.Cli.Commands;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Events;

/// <summary>The administration of events of every service of the running mesh, through its gateway, as the seeded admin.</summary>
internal sealed partial class EventsApi : IDisposable
{
    private static readonly string[] _nobody = ["judge"];
    private readonly HttpClient _http;

    private EventsApi(HttpClient http, IReadOnlyList<string> services) => (_http, Services) = (http, services);

    /// <summary>How answers are read and <c>--json</c> is written.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The services, in alphabetical order.</summary>
    public IReadOnlyList<string> Services { get; private set; }

    /// <summary>Signs in.</summary>
    /// <exception cref="MeshException">No mesh runs here, or it has no service of the name asked for.</exception>
    public static async Task<EventsApi> OpenAsync(string? service, CancellationToken cancellationToken)
    {
        using var mesh = await ControlClient.RequireAsync(cancellationToken);
        var status = await mesh.StatusAsync(cancellationToken);
        List<string> services =
        [
            .. status.Resources.Where(r => r.Type == "Project").Select(r => ReplicaNumber().Replace(r.Name, "")).Where(name => !_nobody.Contains(name))
                .Distinct().Order(StringComparer.Ordinal),
        ];
        if (service is not null && !services.Contains(service))
            throw new MeshException($"there is no service '{service}'; there are {string.Join(", ", services)}");
        var http = GatewayHttp.Open(status);
        http.Timeout = TimeSpan.FromSeconds(30);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenCommand.SignInAsync(mesh, "admin", cancellationToken));
        return new(http, service is null ? services : [service]);
    }

    /// <summary>Asks every service at the same time.</summary>
    public async Task<IReadOnlyList<ServiceAnswer<T>>> AskAsync<T>(string path, CancellationToken cancellationToken) =>
        await Task.WhenAll(Services.Select(service => SendAsync<T>(HttpMethod.Get, service, path, cancellationToken)));

    /// <summary>Asks one service, or tells it something.</summary>
    public async Task<ServiceAnswer<T>> SendAsync<T>(HttpMethod method, string service, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, $"/api/v1/admin/{service}/events{path}");
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.NoContent)
                return new(service, true, default, 0, null);
            var body = await response.Content.ReadFromJsonAsync<Body<T>>(Json, cancellationToken);
            if (response.IsSuccessStatusCode && body is { Data: { } data })
                return new(service, true, data, body.Meta?.Total ?? 0, null);
            // What cannot be an id is as unknown as what is none.
            var unknown = response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity;
            return new(service, false, default, 0, unknown ? null : body?.Error?.Message ?? $"it answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new(service, false, default, 0, e.Message);
        }
    }

    /// <summary>Any request to a service, and its answer as it is.</summary>
    public async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string service, string path, byte[]? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/api/v1/admin/{service}/events{path}");
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/x-ndjson") } };
        return await _http.SendAsync(request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex ReplicaNumber();

    private sealed record Body<T>(T? Data, BodyMeta? Meta, BodyError? Error);

    private sealed record BodyMeta(long? Total);

    private sealed record BodyError(string? Message);
}

/// <summary>What a service said.</summary>
/// <param name="Service">Which.</param>
/// <param name="Succeeded">False also when it knows nothing of what it was asked for.</param>
/// <param name="Data">Its answer.</param>
/// <param name="Total">Of a list, how many there are in all.</param>
/// <param name="Away">Why it could not be asked; null when it could.</param>
internal sealed record ServiceAnswer<T>(string Service, bool Succeeded, T? Data, long Total, string? Away);

/// <summary>An event that went no further, as its service lists it.</summary>
internal sealed record DeadEvent(
    Guid Id, string Kind, string? EventType, string? Subject, string? CorrelationId, string Reason, int Attempts, DateTime? At, int Size);

/// <summary>All of it.</summary>
internal sealed record DeadEventDetail(
    DeadEvent Event, int Copies, string? Stack, string? MessageId, string? ContentType, IReadOnlyList<DeadEventHeader> Headers, DeadEventBody Body);

internal sealed record DeadEventHeader(string Name, string Value);

internal sealed record DeadEventBody(JsonElement? Json, string? Text, string? Base64, bool Cut);

internal sealed record ReplayOutcome(int Replayed, int Released, long Remaining, DateTime Before);

/// <summary>A service's share of the ledger of delivery.</summary>
internal sealed record LedgerShare(
    string Service, IReadOnlyList<string> Handles, IReadOnlyList<PublishedEvent> Published, bool More, IReadOnlyList<ReceivedEvent> Received, bool DeadLettersRead);

internal sealed record PublishedEvent(
    Guid Id, string EventType, string Subject, string CorrelationId, DateTime RecordedAt, DateTime? PublishedAt, int Attempts, string? LastError, DateTime? SetAsideAt);

internal sealed record ReceivedEvent(
    Guid Id, string? EventType, DateTime? AppliedAt, int? AppliedAtTry, IReadOnlyList<FailedTry> Failures, DeadEvent? DeadLetter);

internal sealed record FailedTry(int Try, DateTime At, string Reason, bool Last);
