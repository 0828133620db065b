using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Judging;

/// <summary>
/// Speaks to the judge. Its replicas stand in the configuration as <c>services:judge:http:0</c>, <c>:1</c>, …; where none does, the name
/// <c>judge</c> is left to DNS. A replica that is away or has no slot is passed over; only when none takes a job is there no judge.
/// </summary>
internal sealed class JudgeClient(HttpClient http, IConfiguration configuration, IOptionsMonitor<JudgeOptions> options)
{
    /// <summary>No replica answers.</summary>
    public const string Away = "JUDGE_AWAY";

    /// <summary>The answer ended, or made no sense, before the job was finished.</summary>
    public const string Broken = "JUDGE_BROKEN";

    /// <summary>Every slot is taken.</summary>
    public const string NoSlot = "JUDGE_NO_SLOT";

    /// <summary>The judge cannot run anything safely where it is.</summary>
    public const string MayNotJudge = "JUDGE_MAY_NOT_JUDGE";

    /// <summary>The language's toolchain is missing.</summary>
    public const string LanguageUnavailable = "JUDGE_LANGUAGE_UNAVAILABLE";

    // Captured output is at most 2 × 16 KiB, and JSON may need six characters for one.
    private const int _longestLine = 512 * 1024;

    private static int _turn;

    /// <summary>What the replicas can do, taken together.</summary>
    /// <exception cref="JudgeUnavailableException">None of them answers.</exception>
    public async Task<JudgeLanguages> LanguagesAsync(CancellationToken cancellationToken)
    {
        var answers = new List<JudgeLanguages>();
        JudgeUnavailableException? refusal = null;
        foreach (var address in Addresses())
        {
            try
            {
                answers.Add(await LanguagesAsync(address, cancellationToken));
            }
            catch (JudgeUnavailableException e)
            {
                refusal = e;
            }
        }
        if (answers.Count == 0)
            throw refusal!;
        var willing = answers.FindAll(a => a.MayJudge);
        if (willing.Count == 0)
            return answers[0];
        var languages = willing.SelectMany(a => a.Languages).GroupBy(l => l.Id, StringComparer.Ordinal).Select(l => l.OrderByDescending(x => x.Available).First());
        return new(true, null, willing.Sum(a => a.Slots), [.. languages]);
    }

    /// <summary>
    /// Has a job judged and passes on what the judge tells, to the end: the last event is a <see cref="JudgeFinished"/>. Leaving earlier ends the job.
    /// </summary>
    /// <exception cref="JudgeUnavailableException">No replica took it, or the one that did broke off.</exception>
    /// <exception cref="JudgeRefusedException">The judge understands the job and finds it impossible.</exception>
    public async IAsyncEnumerable<JudgeEvent> JudgeAsync(JudgeJob job, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await BeginAsync(job, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                var line = await NextLineAsync(reader, silence, cancellationToken);
                if (Read(line) is not { } told)
                    continue;
                yield return told;
                if (told is JudgeFinished)
                    yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private async Task<HttpResponseMessage> BeginAsync(JudgeJob job, CancellationToken cancellationToken)
    {
        JudgeUnavailableException? refusal = null;
        foreach (var address in Addresses())
        {
            try
            {
                return await SendAsync(HttpMethod.Post, new Uri(address, "judge/jobs"), JsonContent.Create(job, options: ApiJson.Options), cancellationToken);
            }
            catch (JudgeUnavailableException e) when (e.Reason != Broken)
            {
                // A replica with work to do is worth more than one that is away: it says when to come back.
                refusal = refusal is { Reason: NoSlot } ? refusal : e;
            }
        }
        throw refusal!;
    }

    private async Task<JudgeLanguages> LanguagesAsync(Uri address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.CurrentValue.Answer);
        try
        {
            using var response = await SendAsync(HttpMethod.Get, new Uri(address, "judge/languages"), null, limit.Token);
            var languages = await response.Content.ReadFromJsonAsync<JudgeLanguages>(ApiJson.Options, limit.Token);
            return languages is { Languages: not null, Slots: >= 0 } ? languages : throw new JudgeUnavailableException(Broken, "its list of languages makes no sense");
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            throw new JudgeUnavailableException(e is JsonException ? Broken : Away, e.Message, e);
        }
    }

    /// <returns>An answer whose headers say that it is one; the body is still to come.</returns>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, HttpContent? content, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.CurrentValue.Key))
            throw new JudgeUnavailableException(Away, "Judge:Key is not set");
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.CurrentValue.Key);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.CurrentValue.Answer);
        HttpResponseMessage? response = null;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode)
                return response;
            var (code, message) = await ReadFailureAsync(response, limit.Token);
            response.Dispose();
            throw response.StatusCode switch
            {
                HttpStatusCode.ServiceUnavailable => new JudgeUnavailableException(code, message) { RetryAfter = response.Headers.RetryAfter?.Delta },
                HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest => new JudgeRefusedException(code, message),
                var status => new JudgeUnavailableException(Away, $"it answered {(int)status}"),
            };
        }
        catch (Exception e) when (IsFault(e, cancellationToken))
        {
            response?.Dispose();
            // Who hangs up on a job may have fallen over it; who cannot be reached, or is too slow to begin, knows nothing of it.
            var reached = content is not null && e is IOException or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.Unknown };
            throw new JudgeUnavailableException(reached ? Broken : Away, e.Message, e);
        }
    }

    private static async Task<(string Code, string Message)> ReadFailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var error = (await response.Content.ReadFromJsonAsync<FailureBody>(ApiJson.Options, cancellationToken))?.Error;
            return (error?.Code ?? Away, error?.Message ?? "");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            return (Away, $"it answered {(int)response.StatusCode}");
        }
    }

    private async Task<ReadOnlyMemory<byte>> NextLineAsync(PipeReader reader, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        silence.CancelAfter(options.CurrentValue.Silence);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(silence.Token);
                if (read.Buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = read.Buffer.Slice(0, end).ToArray();
                    reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                    return line;
                }
                if (read.IsCompleted)
                    throw new JudgeUnavailableException(Broken, "its answer ended before the job did");
                if (read.Buffer.Length > _longestLine)
                    throw new JudgeUnavailableException(Broken, "a line of its answer has no end");
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new JudgeUnavailableException(Broken, "it fell silent");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new JudgeUnavailableException(Broken, e.Message, e);
        }
    }

    /// <returns>Null for a blank line and for an event that a newer judge tells.</returns>
    private static JudgeEvent? Read(ReadOnlyMemory<byte> line)
    {
        if (line.Span.Trim(" \r\t"u8).IsEmpty)
            return null;
        try
        {
            using var document = JsonDocument.Parse(line);
            JudgeEvent? told = document.RootElement.GetProperty("event").GetString() switch
            {
                "started" => document.Deserialize<JudgeStarted>(ApiJson.Options),
                "compiling" => new JudgeCompiling(),
                "compiled" => document.Deserialize<JudgeCompiled>(ApiJson.Options),
                "test" => document.Deserialize<JudgeTested>(ApiJson.Options),
                "finished" => document.Deserialize<JudgeFinished>(ApiJson.Options),
                _ => null,
            };
            return told is JudgeTested { Verdict: var one } && !Verdicts.All.Contains(one) || told is JudgeFinished { Verdict: var all } && !Verdicts.All.Contains(all)
                ? throw new JudgeUnavailableException(Broken, "it said a verdict that is none")
                : told;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Not with what was read: the line may hold output.
            throw new JudgeUnavailableException(Broken, "a line of its answer makes no sense");
        }
    }

    private static bool IsFault(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or JsonException or NotSupportedException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Every replica once, another one first each time.</summary>
    private List<Uri> Addresses()
    {
        List<Uri> addresses = [.. configuration.GetSection("services:judge:http").GetChildren()
            .Select(c => Uri.TryCreate(c.Value?.TrimEnd('/') + "/", UriKind.Absolute, out var address) ? address : null).OfType<Uri>()];
        if (addresses.Count == 0)
            return [new Uri("http://judge/")];
        var first = (int)((uint)Interlocked.Increment(ref _turn) % addresses.Count);
        return [.. addresses[first..], .. addresses[..first]];
    }

    private sealed record FailureBody(FailureBody.Fault? Error)
    {
        public sealed record Fault(string? Code, string? Message);
    }
}

/// <summary>No judge takes, or finishes, a job at the moment; nothing is known about the job itself.</summary>
/// <param name="reason">For programs: a constant of the client, or the code that the judge gave.</param>
/// <param name="message">For people.</param>
/// <param name="cause">What lies beneath.</param>
public sealed class JudgeUnavailableException(string reason, string message, Exception? cause = null) : Exception($"{reason}: {message}", cause)
{
    /// <summary>For programs.</summary>
    public string Reason { get; } = reason;

    /// <summary>When to come back, where the judge says so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The judge finds a job impossible: an unknown language, limits out of range, more than it takes.</summary>
/// <param name="code">The judge's.</param>
/// <param name="message">For people.</param>
public sealed class JudgeRefusedException(string code, string message) : Exception($"{code}: {message}")
{
    /// <summary>The judge's code.</summary>
    public string Code { get; } = code;
}
