using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.Gateway.Edge.Routing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Tests.Routing;

/// <summary>What routes and clusters say in their metadata: nonsense is refused with its reason before any of it is in force, and what is not said has a default.</summary>
public sealed class RouteMetadataTests
{
    private static readonly UpstreamOptions _options = new();

    [Theory]
    [InlineData("cookie:x")]
    [InlineData("header:")]
    [InlineData("header")]
    [InlineData("")]
    public async Task A_hash_key_of_an_unknown_kind_is_refused(string key) => (await Should.ThrowAsync<FormatException>(
        async () => await new RoutingRules().ConfigureRouteAsync(Route(StickyKey.MetadataKey, key), null, default))).Message.ShouldContain(StickyKey.MetadataKey);

    [Theory]
    [InlineData("-1")]
    [InlineData("101")]
    [InlineData("half")]
    [InlineData("")]
    public async Task A_canarys_share_is_a_percentage(string percent) => (await Should.ThrowAsync<FormatException>(
        async () => await new RoutingRules().ConfigureClusterAsync(Cluster(CanaryShare.PercentKey, percent), default))).Message.ShouldContain("lms");

    [Theory]
    [InlineData("soon")]
    [InlineData("00:00:00")]
    public void A_limit_is_a_time(string limit) =>
        Should.Throw<FormatException>(() => UpstreamDefaults.LimitOf(Route(UpstreamDefaults.TotalTimeoutKey, limit), null, _options)).Message.ShouldContain(limit);

    [Fact]
    public void A_stream_has_no_limit_and_a_patient_cluster_more_than_the_usual_one()
    {
        UpstreamDefaults.LimitOf(Route(UpstreamDefaults.StreamKey, "true"), null, _options).ShouldBeNull();
        UpstreamDefaults.LimitOf(Route(UpstreamDefaults.TotalTimeoutKey, "00:05:00"), null, _options).ShouldBe(TimeSpan.FromMinutes(5));
        UpstreamDefaults.LimitOf(new RouteConfig(), null, _options).ShouldBe(TimeSpan.FromMinutes(1));
        var patient = new ClusterConfig { ClusterId = "run", HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMinutes(2) } };
        UpstreamDefaults.LimitOf(new RouteConfig(), patient, _options).ShouldBe(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        var validation = new DataAnnotationValidateOptions<UpstreamOptions>(null);
        validation.Validate(null, _options).Succeeded.ShouldBeTrue();
        var refused = validation.Validate(null, new()
        {
            Timeout = TimeSpan.Zero,
            Breaker = new() { ConsecutiveFailures = 1, FailureRatio = 1.5 },
            Probe = new() { Path = "ready" },
        });
        foreach (var option in (string[])["Timeout", "ConsecutiveFailures", "FailureRatio", "Path"])
            refused.FailureMessage!.ShouldContain(option);
    }

    [Fact]
    public void A_share_that_grows_keeps_its_users()
    {
        var users = Enumerable.Range(0, 2000).Select(i => $"user-{i}").ToList();
        HashSet<string> In(double percent) => [.. users.Where(new CanaryShare("lms", percent).Includes)];
        In(0).ShouldBeEmpty();
        In(100).Count.ShouldBe(users.Count);
        In(10).IsSubsetOf(In(25)).ShouldBeTrue();
        In(10).Count.ShouldBeInRange(130, 270);
        In(25).SetEquals([.. users.Where(new CanaryShare("jobs", 25).Includes)]).ShouldBeFalse("each service has other users at its canary");
    }

    private static RouteConfig Route(string key, string value) => new() { RouteId = "rooms", Metadata = new Dictionary<string, string> { [key] = value } };

    private static ClusterConfig Cluster(string key, string value) => new() { ClusterId = "lms", Metadata = new Dictionary<string, string> { [key] = value } };
}
