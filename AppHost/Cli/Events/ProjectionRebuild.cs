using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace TalentSphere.Cli.Events;

/// <summary>Rebuilds a service's projection: carries every service's retained events to it, and has it applied, compared and, if wanted, put live.</summary>
internal sealed class ProjectionRebuild(EventsApi api, string service, DateTimeOffset? asOf)
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _patienceWithOthers = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _away = TimeSpan.FromSeconds(1);

    /// <summary>Does it.</summary>
    /// <exception cref="MeshException">A service refused, or stayed away for two minutes. Called again it goes on where it was.</exception>
    public async Task<RebuildOutcome> RunAsync(bool swap, bool acceptLoss, bool keep, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var query = asOf is null ? "" : $"?asOf={Uri.EscapeDataString(asOf.Value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))}";
        var state = await CallAsync<ShadowState>(HttpMethod.Post, service, "/shadow" + query, null, cancellationToken);
        if (state.Phase == "collecting")
            await Task.WhenAll(api.Services.Select(source => CollectAsync(source, state, cancellationToken)));
        if (state.Phase != "swapped")
            state = await WorkAsync("/shadow/comparison", ["compared"], cancellationToken);
        var compared = state;
        if (swap)
            state = await WorkAsync("/shadow/swap" + (acceptLoss ? "?acceptLoss=true" : ""), ["live"], cancellationToken);
        if (!keep)
            await DropAsync(cancellationToken);
        return new(
            service, state.AsOf, compared.Staged, compared.Applied, compared.NotAppliedLive, compared.NotRetained, Math.Round(watch.Elapsed.TotalSeconds, 1),
            compared.Tables ?? [], state.Phase == "live");
    }

    private async Task CollectAsync(string source, ShadowState state, CancellationToken cancellationToken)
    {
        var keys = Uri.EscapeDataString(string.Join(',', state.Handles));
        var until = state.AsOf is { } moment ? $"&until={Uri.EscapeDataString(moment.ToString("O", CultureInfo.InvariantCulture))}" : "";
        var after = state.Collected.TryGetValue(source, out var last) ? last : Guid.Empty;
        while (true)
        {
            using var answer = await AskAsync(HttpMethod.Get, source, $"/retained?keys={keys}&after={after}{until}", null, cancellationToken);
            var page = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (page.Length == 0)
                return;
            await CallAsync<JsonElement>(HttpMethod.Put, service, $"/shadow/events?source={source}", page, cancellationToken);
            after = LastId(page);
        }
    }

    /// <summary>Has the service work, and watches it; when whoever is at it ends, another is asked to go on.</summary>
    private async Task<ShadowState> WorkAsync(string what, string[] ends, CancellationToken cancellationToken)
    {
        var patience = Stopwatch.StartNew();
        var state = await CallAsync<ShadowState>(HttpMethod.Post, service, what, null, cancellationToken, busyIsFine: true);
        while (true)
        {
            await Task.Delay(_pollInterval, cancellationToken);
            var now = await CallAsync<ShadowState>(HttpMethod.Get, service, "/shadow", null, cancellationToken);
            if (now.Working)
            {
                if (now.Applied != state.Applied)
                    patience.Restart();
                state = now;
                continue;
            }
            if (ends.Contains(now.Phase))
                return now;
            if (now.Error is not null)
                throw new MeshException($"{service}: {now.Error}");
            if (patience.Elapsed > _patience)
                throw new MeshException($"{service} does not get on with its rebuild; it is {now.Phase}");
            state = await CallAsync<ShadowState>(HttpMethod.Post, service, what, null, cancellationToken, busyIsFine: true);
        }
    }

    private async Task DropAsync(CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Delete, service, "/shadow", null, cancellationToken, HttpStatusCode.NotFound);
    }

    private async Task<T> CallAsync<T>(HttpMethod method, string target, string path, byte[]? body, CancellationToken cancellationToken, bool busyIsFine = false)
    {
        while (true)
        {
            HttpStatusCode[] fine = busyIsFine ? [HttpStatusCode.Conflict] : [];
            using var answer = await AskAsync(method, target, path, body, cancellationToken, fine);
            if (answer.StatusCode == HttpStatusCode.Conflict)
            {
                // Somebody is at it already: that one is watched.
                (method, path, busyIsFine) = (HttpMethod.Get, "/shadow", false);
                continue;
            }
            var read = await answer.Content.ReadFromJsonAsync<Enveloped<T>>(EventsApi.Json, cancellationToken);
            return read is { Data: { } data } ? data : throw new MeshException($"{target} gave no answer to {path}");
        }
    }

    /// <summary>Asks; waits for who is away, and for as long as the gateway says when it is asked too often.</summary>
    private async Task<HttpResponseMessage> AskAsync(
        HttpMethod method, string target, string path, byte[]? body, CancellationToken cancellationToken, params HttpStatusCode[] fine)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            string fault;
            var pause = _away;
            try
            {
                var answer = await api.RequestAsync(method, target, path, body, cancellationToken);
                if (answer.IsSuccessStatusCode || fine.Contains(answer.StatusCode))
                    return answer;
                using (answer)
                {
                    fault = await ReadFaultAsync(answer, cancellationToken);
                    if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed && method == HttpMethod.Post)
                        throw new MeshException($"{target} has no projection to rebuild");
                    // What the gateway no longer waited for may still be under way, and so may what a process that was killed began.
                    var busy = answer.StatusCode == HttpStatusCode.Conflict && method != HttpMethod.Put && patience.Elapsed < _patienceWithOthers;
                    if (!busy && answer.StatusCode != HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500)
                        throw new MeshException($"{target}: {fault}");
                    pause = answer.Headers.RetryAfter?.Delta ?? pause;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                fault = e.Message;
            }
            if (patience.Elapsed > _patience)
                throw new MeshException($"{target} could not be asked: {fault}");
            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task<string> ReadFaultAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(EventsApi.Json, cancellationToken);
            return body.GetProperty("error").GetProperty("message").GetString() ?? $"it answered {(int)answer.StatusCode}";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"it answered {(int)answer.StatusCode}";
        }
    }

    private static Guid LastId(byte[] page)
    {
        var start = Array.LastIndexOf(page, (byte)'\n') + 1;
        using var envelope = JsonDocument.Parse(Encoding.UTF8.GetString(page, start, page.Length - start));
        return envelope.RootElement.GetProperty("eventId").GetGuid();
    }

    private sealed record Enveloped<T>(T? Data);
}

/// <summary>How far a service's rebuild is.</summary>
internal sealed record ShadowState(
    Guid Id, string Phase, bool Working, DateTime? AsOf, long Staged, long Applied, long NotAppliedLive, long NotRetained, IReadOnlyList<TableComparison>? Tables,
    string? Error, IReadOnlyList<string> Handles, IReadOnlyDictionary<string, Guid> Collected);

/// <summary>A table of the projection, live and rebuilt.</summary>
internal sealed record TableComparison(
    string Table, long? LiveRows, string? LiveHash, long ShadowRows, string ShadowHash, long Changed, long OnlyLive, long OnlyShadow, IReadOnlyList<string> Differing,
    bool? Equal);

/// <summary>What came of a rebuild.</summary>
/// <param name="Service">Whose.</param>
/// <param name="AsOf">Only events up to then.</param>
/// <param name="Events">How many events were read.</param>
/// <param name="Applied">How many had their effect.</param>
/// <param name="NotAppliedLive">How many of those read have had no effect in the live projection.</param>
/// <param name="NotRetained">How many had their effect there and are kept by nobody.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Tables">The comparison.</param>
/// <param name="Swapped">Whether it is live now.</param>
internal sealed record RebuildOutcome(
    string Service, DateTime? AsOf, long Events, long Applied, long NotAppliedLive, long NotRetained, double Seconds, IReadOnlyList<TableComparison> Tables, bool Swapped)
{
    /// <summary>Whether every table was the same; null when that was not asked.</summary>
    public bool? Equal => AsOf is null ? Tables.All(t => t.Equal == true) : null;

    /// <summary>In words.</summary>
    public IEnumerable<string> Describe()
    {
        var moment = AsOf is { } at ? $" as of {at:yyyy-MM-dd HH:mm:ss.fff'Z'}" : "";
        yield return $"{Service}{moment}: {Events} events read, {Applied} applied, {Seconds.ToString(CultureInfo.InvariantCulture)} s";
        var width = Tables.Select(t => t.Table.Length).DefaultIfEmpty().Max();
        foreach (var t in Tables)
        {
            var shadow = $"shadow {t.ShadowRows} rows sha256 {t.ShadowHash}";
            var live = t.LiveHash is null ? "" : $"live {t.LiveRows} rows sha256 {t.LiveHash} / ";
            var verdict = t.Equal switch
            {
                null => "",
                true => "  equal",
                false => $"  DIFFERENT: {t.Changed} changed, {t.OnlyLive} only live, {t.OnlyShadow} only in the shadow",
            };
            yield return $"  {t.Table.PadRight(width)}  {live}{shadow}{verdict}";
            foreach (var key in t.Differing)
                yield return $"  {"".PadRight(width)}    {key}";
        }
        if (NotAppliedLive > 0)
            yield return $"  {NotAppliedLive} events have had no effect in the live projection: they wait in its queue, are dead letters, or are older than its subscription";
        if (NotRetained > 0)
            yield return $"  {NotRetained} events that the live projection was made of are no longer retained";
        if (Swapped)
            yield return "  the rebuilt projection is live";
    }
}
