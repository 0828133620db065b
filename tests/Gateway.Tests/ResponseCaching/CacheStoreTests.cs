using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.ResponseCaching;
using TalentSphere.Gateway.Edge.Routing;
using TalentSphere.TestKit;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Tests.ResponseCaching;

/// <summary>The store itself.</summary>
public sealed class CacheStoreTests
{
    [Fact]
    public async Task It_holds_no_more_than_it_may()
    {
        var tags = new CacheTags();
        using var cache = new ResponseCache(tags, Options.Create(new ResponseCacheOptions { Capacity = 100_000 }));
        var policy = CachePolicy.Read(new RouteConfig { RouteId = "r", Metadata = new Dictionary<string, string> { ["Cache.Tags"] = "t" } }, tags)!;
        var context = new DefaultHttpContext();
        context.Response.Headers.CacheControl = "public, max-age=600";
        var keys = Enumerable.Range(0, 200).Select(i => new CacheKey(false, "http", "h", $"/{i}", "", "", false)).ToList();
        foreach (var key in keys)
            cache.Keep(key, CachedAnswer.Of(context, new byte[10_000], new Generations(tags, policy), DateTimeOffset.UtcNow)!, context.Request);
        int Held() => keys.Count(k => cache.Find(k, context.Request, out _) is not null);
        Held().ShouldBeLessThanOrEqualTo(10);
        // Full is not for ever: what is asked for now takes the place of what nobody asks for.
        await Eventually.TrueAsync(() =>
        {
            cache.Keep(keys[^1], CachedAnswer.Of(context, new byte[10_000], new Generations(tags, policy), DateTimeOffset.UtcNow)!, context.Request);
            return cache.Find(keys[^1], context.Request, out _) is not null;
        }, "room to be made");
        Held().ShouldBeLessThanOrEqualTo(10);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_canarys_answers_are_kept_apart(bool hasCanary, bool isOne)
    {
        CacheKey Asks(string release)
        {
            var context = new DefaultHttpContext();
            context.Request.Headers["X-Canary"] = release;
            context.SetEndpoint(new Endpoint(null, hasCanary ? new(new CanaryShare("lms", 10)) : EndpointMetadataCollection.Empty, null));
            return CacheKey.Of(context);
        }
        (Asks("always") == Asks("never")).ShouldBe(isOne);
        Asks("always").ShouldBe(Asks("true"));
    }

    [Theory]
    [InlineData("lms.course.published", "lms.course.published", true)]
    [InlineData("lms.course.*", "lms.course.published", true)]
    [InlineData("lms.course.*", "lms.course", false)]
    [InlineData("lms.course.*", "lms.course.a.b", false)]
    [InlineData("*.user.erased", "jobs.user.erased", true)]
    [InlineData("lms.#", "lms", true)]
    [InlineData("lms.#", "lms.course.published", true)]
    [InlineData("#.erased", "jobs.user.erased", true)]
    [InlineData("#", "anything.at.all", true)]
    [InlineData("lms.course.*", "jobs.post.created", false)]
    public void A_pattern_matches_as_the_broker_matches_it(string pattern, string key, bool matches) => new TopicPattern(pattern).Matches(key.Split('.')).ShouldBe(matches);
}
