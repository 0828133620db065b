using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Demo;

/// <summary>
/// Calls the gateway as a patient client does: what is away (503 or 429 with <c>Retry-After</c>, 504, no connection) is asked again
/// until it answers or the patience ends. A caller learns that an earlier answer may have been lost.
/// </summary>
internal sealed class StoryClient : IDisposable
{
    /// <summary>How long one request, or one wait for something to be so, may take in all.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(400);

    private readonly HttpClient _http;
    private readonly IStoryTeller _teller;
    private readonly string _run = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private int _steps;
    private int _waits;

    public StoryClient(Uri gateway, IStoryTeller teller)
    {
        _teller = teller;
        _http = new HttpClient(GatewayHttp.Handler())
        {
            BaseAddress = gateway,
            Timeout = TimeSpan.FromSeconds(20),
        };
        BeginStep();
    }

    /// <summary>Distinguishes this telling from every other one.</summary>
    public string Run => _run;

    /// <summary>What every request of the current step carries.</summary>
    public string CorrelationId { get; private set; } = "";

    /// <summary>The trace that every request of the current step belongs to.</summary>
    public string TraceId { get; private set; } = "";

    /// <summary>How often something was away.</summary>
    public int Waits => _waits;

    /// <summary>Gives the requests that follow a correlation id and a trace of their own.</summary>
    public void BeginStep()
    {
        CorrelationId = $"story-{_run}-{++_steps:00}";
        TraceId = ActivityTraceId.CreateRandom().ToHexString();
    }

    public Task<StoryAnswer> GetAsync(string path, string? token, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, token, null, cancellationToken);

    public Task<StoryAnswer> PostAsync(string path, string? token, object? body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, token, body, cancellationToken);

    public Task<StoryAnswer> PatchAsync(string path, string? token, object body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, token, body, cancellationToken);

    /// <summary>
    /// POSTs what would be there twice when it is simply sent again: after a lost answer <paramref name="find"/> looks whether it is
    /// there already.
    /// </summary>
    public async Task<StoryAnswer> CreateAsync(
        string path, string? token, object body, Func<Task<StoryAnswer?>> find, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var (answer, pause, reason) = await TryAsync(HttpMethod.Post, path, token, body, cancellationToken);
            if (answer is not null)
                return answer;
            await WaitAsync(HttpMethod.Post, path, reason, pause, watch, cancellationToken);
            if (await find() is { } found)
                return found;
        }
    }

    /// <summary>Looks until <paramref name="accept"/> likes what it sees.</summary>
    public async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> accept, Func<T, string> describe, string what, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = _shortestPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            var seen = await look();
            if (accept(seen))
                return seen;
            if (watch.Elapsed > Patience)
                throw Fails($"After {watch.Elapsed.TotalSeconds:0} s there was still not {what}; last seen: {describe(seen)}.");
            await Task.Delay(pause, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private StoryException Fails(string sentence) => new(sentence) { CorrelationId = CorrelationId };

    private async Task<StoryAnswer> SendAsync(HttpMethod method, string path, string? token, object? body, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        for (var repeated = false; ; repeated = true)
        {
            var (answer, pause, reason) = await TryAsync(method, path, token, body, cancellationToken);
            if (answer is not null)
                return answer with { Repeated = repeated };
            await WaitAsync(method, path, reason, pause, watch, cancellationToken);
        }
    }

    private async Task WaitAsync(HttpMethod method, string path, string reason, TimeSpan pause, Stopwatch watch, CancellationToken cancellationToken)
    {
        if (watch.Elapsed > Patience)
            throw Fails($"{method} {path} was not answered within {watch.Elapsed.TotalSeconds:0} s: {reason}.");
        Interlocked.Increment(ref _waits);
        _teller.Waits(reason);
        await Task.Delay(pause, cancellationToken);
    }

    /// <summary>One try: the answer, or why there is none and how long to wait.</summary>
    private async Task<(StoryAnswer? Answer, TimeSpan Pause, string Reason)> TryAsync(
        HttpMethod method, string path, string? token, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        var correlationId = CorrelationId;
        request.Headers.Add("x-correlation-id", correlationId);
        request.Headers.Add("traceparent", $"00-{TraceId}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        // The story looks at what it has just done: an answer kept by a cache would be old news.
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var status = (int)response.StatusCode;
            _teller.Answered(new StoryExchange(method.Method, path, status, text));
            if (!response.Headers.TryGetValues("x-correlation-id", out var echoed) || echoed.SingleOrDefault() != correlationId)
                throw Fails($"{method} {path} was answered without its correlation id {correlationId}.");
            return Judge(method, path, response, new StoryAnswer(status, text, Repeated: false));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, _longestPause, $"the gateway did not answer ({e.GetBaseException().Message.TrimEnd('.')})");
        }
    }

    private (StoryAnswer? Answer, TimeSpan Pause, string Reason) Judge(HttpMethod method, string path, HttpResponseMessage response, StoryAnswer answer)
    {
        var retryAfter = response.Headers.RetryAfter?.Delta;
        switch (response.StatusCode)
        {
            case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests when retryAfter is { } pause:
                return (null, pause, $"{answer.Status} {answer.Code}, come back in {pause.TotalSeconds:0} s");
            case HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests:
                throw Fails($"{method} {path} was answered with {answer.Status}, but without Retry-After.");
            case HttpStatusCode.GatewayTimeout:
                return (null, _longestPause, $"{answer.Status} {answer.Code}");
            case >= HttpStatusCode.InternalServerError:
                throw Fails($"{method} {path} was answered with {answer.Status}: {answer.Excerpt}");
            default:
                return (answer, TimeSpan.Zero, "");
        }
    }
}
