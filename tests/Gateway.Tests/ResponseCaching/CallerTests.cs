using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.ResponseCaching;

/// <summary>What one caller was answered reaches no other, in whatever order and form they ask.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class CallerTests(ScriptedGateway gateway)
{
    private static readonly Guid _one = Guid.CreateVersion7();
    private static readonly Guid _other = Guid.CreateVersion7();

    /// <summary>What a service may say of an answer that depends on its caller. The last two are a service's mistakes that would still reach no stranger.</summary>
    public static TheoryData<string, string?> Personal => new()
    {
        { "private, max-age=60", null },
        { "no-store", null },
        { "", null },
        { "max-age=60", null },
        { "public, max-age=60, stale-while-revalidate=300", "Authorization" },
        { "public, max-age=60", "*" },
    };

    [Theory]
    [MemberData(nameof(Personal))]
    public async Task A_personal_answer_reaches_its_caller_only(string cacheControl, string? vary)
    {
        string[] callers = [_one.ToString(), _other.ToString(), ""];
        foreach (var first in callers)
        {
            var resource = Personally(cacheControl, vary);
            string[] order = [first, .. callers.Where(c => c != first), first];
            foreach (var caller in order)
            {
                foreach (var answer in await EveryWayAsync(caller, resource.Path, $"\"{first}\""))
                    answer.ShouldBe(caller, $"{cacheControl} {vary}, {first} first");
            }
        }
    }

    [Fact]
    public async Task Nobody_who_is_not_signed_in_gets_what_was_given_to_somebody_who_is()
    {
        // A service that calls public what is not.
        var resource = Personally("public, max-age=60", vary: null);
        (await AsAsync(_one.ToString(), resource.Path)).Body.ShouldContain(_one.ToString());
        (await AsAsync("", resource.Path)).Body.ShouldNotContain(_one.ToString());
    }

    [Fact]
    public async Task A_token_is_checked_also_where_the_answer_is_at_hand()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            return context.Response.WriteAsync("{}");
        });
        var token = TestTokens.Mint(_one, "jobseeker");
        (await CacheAnswer.ReadAsync(gateway.WithToken(token), resource.Path)).Status.ShouldBe(HttpStatusCode.OK);
        (await CacheAnswer.ReadAsync(gateway.WithToken(token), resource.Path)).Cache.ShouldBe("HIT");
        foreach (var (fault, forged) in TestTokens.Forged(_one, "jobseeker"))
            (await CacheAnswer.ReadAsync(gateway.WithToken(forged), resource.Path)).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
    }

    /// <summary>Plainly, with another caller's tag and with its own, and in a batch: whose answer it was each time.</summary>
    private async Task<IReadOnlyList<string>> EveryWayAsync(string caller, string path, string othersTag)
    {
        var seen = new List<string>();
        foreach (var tag in (string?[])[null, othersTag, "\"nobody's\""])
        {
            var answer = await AsAsync(caller, path, tag);
            // Told that it has the answer, it does: the tag names the caller.
            seen.Add(answer.Status == HttpStatusCode.NotModified ? answer.Headers.ETag!.Tag.Trim('"') : JsonNode.Parse(answer.Body)!["user"]!.GetValue<string>());
        }
        var batch = await Client(caller).PostAsync("/api/v1/batch", new { requests = new[] { new { id = "1", method = "GET", path } } });
        seen.Add(batch.Data[0]!["body"]!["user"]!.GetValue<string>());
        return seen;
    }

    private Resource Personally(string cacheControl, string? vary) => gateway.Upstream.Serve("/api/v1/cached", context =>
    {
        var user = context.Request.Headers["x-user-id"].ToString();
        context.Response.Headers.CacheControl = cacheControl;
        if (vary is not null)
            context.Response.Headers.Vary = vary;
        context.Response.Headers.ETag = $"\"{user}\"";
        return context.Response.WriteAsJsonAsync(new { user });
    });

    private HttpClient Client(string caller) => caller.Length == 0 ? gateway.Anonymous() : gateway.SignedIn(Guid.Parse(caller), "jobseeker");

    private Task<CacheAnswer> AsAsync(string caller, string path, string? tag = null) =>
        tag is null ? CacheAnswer.ReadAsync(Client(caller), path) : CacheAnswer.ReadAsync(Client(caller), path, ("If-None-Match", tag));
}
