using TalentSphere.Gateway.Edge.Limits;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>A replica that has never heard of Redis grants its share, by its own clock.</summary>
public sealed class LocalShareTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public async Task Of_a_window_each_replica_grants_its_share_until_the_window_ends()
    {
        await using var replicas = await LimitReplicas.StartAsync(2, null, "window", new() { Permits = 101, Window = TimeSpan.FromMinutes(15) }, _clock);
        var quota = replicas.Policies[0].Quotas.Find(1);
        (await TakeAsync(quota, 80)).Count(v => v.IsAllowed).ShouldBe(51);
        _clock.Advance(TimeSpan.FromMinutes(14));
        var refused = await quota.TakeAsync();
        refused.IsAllowed.ShouldBeFalse();
        refused.IsLocal.ShouldBeTrue();
        refused.RetryMs.ShouldBe(60_000);
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await TakeAsync(quota, 80)).Count(v => v.IsAllowed).ShouldBe(51);
    }

    [Fact]
    public async Task Nobody_is_left_with_nothing()
    {
        await using var replicas = await LimitReplicas.StartAsync(3, null, "small", new() { Permits = 1, Window = TimeSpan.FromMinutes(1) }, _clock);
        (await TakeAsync(replicas.Policies[0].Quotas.Find(1), 5)).Count(v => v.IsAllowed).ShouldBe(1);
    }

    [Fact]
    public async Task Beyond_a_buckets_tokens_each_request_waits_for_its_own_and_beyond_half_as_many_none_passes()
    {
        await using var replicas = await LimitReplicas.StartAsync(1, null, "bucket", new() { Permits = 10, Window = TimeSpan.FromSeconds(1), Burst = 20 }, _clock);
        var quota = replicas.Policies[0].Quotas.Find(1);
        (await TakeAsync(quota, 20)).ShouldAllBe(v => v.IsAllowed && v.DelayMs == 0);
        (await TakeAsync(quota, 10)).Select(v => Math.Round(v.DelayMs)).ShouldBe([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
        var refused = await quota.TakeAsync();
        refused.IsAllowed.ShouldBeFalse();
        refused.RetryMs.ShouldBe(1100, 0.001);
        _clock.Advance(TimeSpan.FromMilliseconds(1100));
        (await quota.TakeAsync()).ShouldSatisfyAllConditions(v => v.IsAllowed.ShouldBeTrue(), v => v.DelayMs.ShouldBe(0, 0.001));
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await quota.TakeAsync()).Remaining.ShouldBe(19);
    }

    [Fact]
    public async Task The_profile_load_lifts_a_limit_and_keeps_its_form()
    {
        await using var replicas = await LimitReplicas.StartAsync(1, null, "window", new() { Permits = 5, Window = TimeSpan.FromMinutes(1) }, _clock);
        var lifted = new LimitPolicy("window", new() { Permits = 5, Window = TimeSpan.FromMinutes(1) }, new() { Profile = LimitProfile.Load, LoadFactor = 1000 }, replicas.Policies[0].Store);
        lifted.PolicyHeader.ShouldBe("\"window\";q=5000;w=60");
        replicas.Policies[0].PolicyHeader.ShouldBe("\"window\";q=5;w=60");
    }

    private static async Task<IReadOnlyList<Verdict>> TakeAsync(Quota quota, int count)
    {
        var verdicts = new List<Verdict>();
        for (var i = 0; i < count; i++)
            verdicts.Add(await quota.TakeAsync());
        return verdicts;
    }
}
