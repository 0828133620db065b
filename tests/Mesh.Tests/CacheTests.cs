using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>
/// Every read of the merged API document, through the gateway's cache, by callers who may see different things: what one was given never reaches another, in
/// whatever order and form they ask.
/// </summary>
public sealed class CacheTests(MeshFixture mesh)
{
    private readonly List<string> _faults = [];

    [Fact]
    public async Task No_answer_reaches_another_caller_out_of_the_cache()
    {
        var reads = (await ApiDocument.ReadAsync(mesh)).Where(o => o.Method == "GET").ToList();
        Account?[] callers = [await mesh.EveryRole, await mesh.RegisterAsync("jobseeker"), null];
        var ids = await IdsAsync(reads, callers[0]!);
        var shared = 0;
        foreach (var read in reads)
        {
            foreach (var (first, second) in new[] { (callers[0], callers[1]), (callers[1], callers[0]), (callers[0], callers[2]) })
            {
                foreach (var id in ids.GetValueOrDefault(read.Template.Split('{')[0]) ?? [Guid.CreateVersion7().ToString()])
                    shared += await ComeOneAfterTheOtherAsync(read.Path(id), first, second) ? 1 : 0;
            }
        }
        _faults.ShouldBeEmpty(string.Join("\n", _faults));
        // Otherwise nothing was put to the test.
        shared.ShouldBeGreaterThan(5);
    }

    /// <returns>Whether the cache had a part in it.</returns>
    private async Task<bool> ComeOneAfterTheOtherAsync(string path, Account? first, Account? second)
    {
        // An address of its own: nobody has asked for it before.
        path = $"{path}?walk={Guid.CreateVersion7():N}";
        using var one = Client(first);
        using var other = Client(second);
        var given = await GetAsync(one, path);
        var seen = await GetAsync(other, path);
        var conditional = await GetAsync(other, path, r => r.Headers.IfNoneMatch.Add(given.ETag ?? EntityTagHeaderValue.Any));
        // What lies outside of the API is no part of a batch.
        var batch = !path.StartsWith("/api/", StringComparison.Ordinal) ? new JsonObject { ["headers"] = new JsonObject() }
            : (await other.PostAsync("/api/v1/batch", new { requests = new[] { new { id = "1", method = "GET", path } } })).Data[0]!;
        var truth = await GetAsync(other, path, r => r.Headers.CacheControl = new() { NoStore = true });

        void Fault(string what) => _faults.Add($"{path}: {first?.ToString() ?? "anonymous"} then {second?.ToString() ?? "anonymous"}: {what}");
        if (seen.FromCache && (seen.Status != truth.Status || seen.Data != truth.Data))
            Fault($"{seen.Status} {seen.Data} out of the cache instead of {truth.Status} {truth.Data}");
        if (seen.FromCache && !truth.IsPublic)
            Fault("out of the cache, though it is not public");
        if (conditional.Status == HttpStatusCode.NotModified && !(conditional.ETag?.Equals(truth.ETag) ?? false))
            Fault("told that nothing has changed");
        if (batch["headers"]!["x-cache"]?.GetValue<string>() is "HIT" or "STALE" && Shown.DataOf(batch["body"]?.ToJsonString() ?? "") != truth.Data)
            Fault($"in a batch {batch["body"]} instead of {truth.Data}");
        foreach (var mark in first is null ? [] : (string[])[first.Email, first.Id.ToString()])
        {
            if (!truth.Data.Contains(mark, StringComparison.OrdinalIgnoreCase)
                && (seen.Data.Contains(mark, StringComparison.OrdinalIgnoreCase) || batch.ToJsonString().Contains(mark, StringComparison.OrdinalIgnoreCase)))
                Fault("names the other caller");
        }
        return seen.FromCache;
    }

    /// <summary>What there is, by the path of the list that names it.</summary>
    private async Task<Dictionary<string, IReadOnlyList<string>>> IdsAsync(IEnumerable<ApiOperation> reads, Account caller)
    {
        var ids = new Dictionary<string, IReadOnlyList<string>>();
        using var client = Client(caller);
        foreach (var list in reads.Where(r => !r.HasId))
        {
            var answer = await client.AskAsync(list.Template);
            if (answer.Status == HttpStatusCode.OK && answer.Body.StartsWith('{') && answer.Json["data"] is JsonArray items)
                ids[list.Template + "/"] = [.. items.OfType<JsonObject>().Select(i => i["id"]?.ToString()).OfType<string>().Take(2)];
        }
        return ids.Where(i => i.Value.Count > 0).ToDictionary(i => i.Key, i => i.Value);
    }

    private HttpClient Client(Account? caller) => caller is null ? mesh.Anonymous() : mesh.WithToken(caller.Token);

    private static async Task<Shown> GetAsync(HttpClient client, string path, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        change?.Invoke(request);
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return new(
            response.StatusCode, response.Headers.ETag, response.Headers.CacheControl?.Public == true,
            response.Headers.TryGetValues("X-Cache", out var cache) && cache.Single() is "HIT" or "STALE", Shown.DataOf(body));
    }

    private sealed record Shown(HttpStatusCode Status, EntityTagHeaderValue? ETag, bool IsPublic, bool FromCache, string Data)
    {
        /// <summary>Without what differs from request to request.</summary>
        public static string DataOf(string body)
        {
            try
            {
                var json = JsonNode.Parse(body);
                (json as JsonObject)?.Remove("meta");
                return json?.ToJsonString() ?? "";
            }
            catch (JsonException)
            {
                return body;
            }
        }
    }
}
