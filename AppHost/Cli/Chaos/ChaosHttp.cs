using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Chaos;

/// <summary>An answer that settles a request: done, or refused for good.</summary>
internal sealed record Reply(int Status, JsonNode? Json)
{
    public bool Done => Status is >= 200 and < 300;

    public JsonNode Data => Json?["data"] ?? throw new MeshException($"an answer ({Status}) came without data: {Json?.ToJsonString()}");

    public string Code => Json?["error"]?["code"]?.GetValue<string>() ?? "";

    public Guid Id => Data["id"]!.GetValue<Guid>();

    public IEnumerable<JsonNode> Items => Data.AsArray().OfType<JsonNode>();
}

/// <summary>Asks the gateway and tells an answer from none.</summary>
internal sealed class ChaosHttp(Uri gateway, Tally tally) : IDisposable
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(800);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        BaseAddress = gateway,
        Timeout = TimeSpan.FromSeconds(15),
    };

    /// <summary>
    /// Asks until there is an answer, or until <paramref name="deadline"/>: then null. Beside it, how many tries stayed without one: each may have been done
    /// all the same.
    /// </summary>
    /// <remarks>The token is asked for at every try: whoever signs in again meanwhile goes on with the new one, for the old one is worth nothing.</remarks>
    public async Task<(Reply? Reply, int Lost)> AskAsync(HttpMethod method, string path, Func<string>? token, object? body, CancellationToken deadline)
    {
        var pause = _firstPause;
        for (var lost = 0; ; lost++)
        {
            if (await TryAsync(method, path, token?.Invoke(), body) is { } reply)
                return (reply, lost);
            if (deadline.IsCancellationRequested)
                return (null, lost + 1);
            await Task.Delay(pause, CancellationToken.None);
            pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
        }
    }

    /// <summary>Asks once; null when there was no answer, or one that says nothing about what was asked.</summary>
    public async Task<Reply?> TryAsync(HttpMethod method, string path, string? token, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        try
        {
            using var response = await _http.SendAsync(request, CancellationToken.None);
            var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
            var status = (int)response.StatusCode;
            if (status is 401 or 429 or >= 500)
            {
                tally.CountLoss($"{method} {Template(path)}: {status}");
                // What is away is said with these; anything else is a surprise that the run tells of.
                if (response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests))
                    tally.Odd($"{method} {Template(path)} was answered with {status}");
                return null;
            }
            var reply = new Reply(status, text.Length == 0 ? null : JsonNode.Parse(text));
            if (reply.Done && method != HttpMethod.Get)
                tally.CountAnswer();
            return reply;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or JsonException)
        {
            tally.CountLoss($"{method} {Template(path)}: {e.GetType().Name}");
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Template(string path) => string.Join('/', path.Split('?')[0].Split('/').Select(part => Guid.TryParse(part, out _) ? "{id}" : part));
}
