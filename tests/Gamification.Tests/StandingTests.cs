using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gamification.Tests;

public class StandingTests(GamificationFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Whoever_has_no_entries_has_zeros()
    {
        var client = service.SignedIn(_user);
        var me = await client.AskAsync("/api/v1/gamification/me");
        me.Status.ShouldBe(HttpStatusCode.OK);
        me.Data.ToJsonString().ShouldBe("""{"points":0,"level":1,"nextLevelAt":100,"progress":0,"badges":[],"streak":{"current":0,"longest":0,"lastDay":null}}""");
        (await client.AskAsync("/api/v1/gamification/ledger")).Data.AsArray().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("me")]
    [InlineData("ledger")]
    [InlineData("leaderboard")]
    public async Task Without_a_valid_token_nothing_is_told(string route)
    {
        var anonymous = await service.Anonymous().AskAsync("/api/v1/gamification/" + route);
        anonymous.Status.ShouldBe(HttpStatusCode.Unauthorized);
        anonymous.Headers.WwwAuthenticate.ShouldNotBeEmpty();
        foreach (var (fault, token) in TestTokens.Forged(_user))
        {
            var client = service.Anonymous();
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            (await client.AskAsync("/api/v1/gamification/" + route)).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        }
    }

    [Fact]
    public async Task The_ledger_comes_in_pages_newest_first_and_only_mine()
    {
        for (var i = 0; i < 5; i++)
            await service.CompleteLessonAsync(_user);
        await service.CompleteLessonAsync(Guid.CreateVersion7());
        await service.HasPointsAsync(_user, 100);
        var client = service.SignedIn(_user);
        var all = (await client.AskAsync("/api/v1/gamification/ledger?limit=1000")).Data.AsArray().Select(e => e!["id"]!.GetValue<Guid>()).ToList();
        all.Count.ShouldBe(5);
        all.ShouldBe(all.OrderDescending());
        var page = await client.AskAsync("/api/v1/gamification/ledger?page=2&limit=2");
        page.Data.AsArray().Select(e => e!["id"]!.GetValue<Guid>()).ShouldBe(all[2..4]);
        page.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(5);
        page.Headers.GetValues("Link").Single().ShouldContain("rel=\"next\"");
    }

    [Fact]
    public async Task The_badges_are_public_and_cacheable_and_mine_are_marked()
    {
        var open = await service.Anonymous().AskAsync("/api/v1/gamification/badges");
        open.Data.AsArray().Count.ShouldBe(9);
        open.Data[0]!["earned"].ShouldBeNull();
        open.Headers.CacheControl!.Public.ShouldBeTrue();
        open.Headers.Vary.ShouldContain("Authorization");
        var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/gamification/badges");
        again.Headers.IfNoneMatch.Add(open.Headers.ETag!);
        (await service.Anonymous().ReadAsync(again)).Status.ShouldBe(HttpStatusCode.NotModified);

        await service.RegisterAsync(_user);
        await service.HasPointsAsync(_user, 10);
        var mine = await service.SignedIn(_user).AskAsync("/api/v1/gamification/badges");
        mine.Headers.CacheControl!.Public.ShouldBeFalse();
        mine.Data.AsArray().Where(b => b!["earned"]!.GetValue<bool>()).Select(b => b!["code"]!.GetValue<string>()).ShouldBe(["welcome"]);
    }
}
