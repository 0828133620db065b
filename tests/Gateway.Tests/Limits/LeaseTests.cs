using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>Permits leased by several replicas from one Redis: however requests come in, the limit holds within two per cent.</summary>
public sealed class LeaseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_window_grants_its_permits_and_no_more_whichever_replica_is_asked(int seed)
    {
        var random = new Random(seed);
        var limit = random.Next(50, 400);
        await using var replicas = await StartAsync(random.Next(2, 5), new() { Permits = limit, Window = TimeSpan.FromMinutes(15) });
        var verdicts = await AskAsync(replicas, 3 * limit, random);
        verdicts.ShouldAllBe(v => !v.IsLocal);
        ((double)verdicts.Count(v => v.IsAllowed)).ShouldBeInRange(0.98 * limit, 1.02 * limit, $"seed {seed}, limit {limit}, {replicas.Policies.Count} replicas");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_bucket_grants_its_tokens_and_half_as_many_that_have_to_wait(int seed)
    {
        var random = new Random(seed);
        var size = 2 * random.Next(25, 200);
        // A token in a quarter of an hour: none comes in while the test runs.
        await using var replicas = await StartAsync(random.Next(2, 5), new() { Permits = 1, Window = TimeSpan.FromMinutes(15), Burst = size });
        var verdicts = await AskAsync(replicas, 4 * size, random);
        verdicts.ShouldAllBe(v => !v.IsLocal);
        ((double)verdicts.Count(v => v is { IsAllowed: true, DelayMs: 0 })).ShouldBeLessThanOrEqualTo(1.02 * size);
        ((double)verdicts.Count(v => v.IsAllowed)).ShouldBeInRange(0.98 * size, 1.02 * 1.5 * size, $"seed {seed}, size {size}, {replicas.Policies.Count} replicas");
    }

    [Fact]
    public async Task A_replica_that_ends_leaves_what_it_had_leased_to_the_others()
    {
        var policy = new LimitPolicyOptions { Permits = 100, Window = TimeSpan.FromMinutes(15) };
        var name = Name();
        var redis = (await TestServers.GetAsync()).Redis;
        var passed = 0;
        await using (var first = await LimitReplicas.StartAsync(1, redis, name, policy))
        {
            for (var i = 0; i < 20; i++)
                passed += (await first.Policies[0].Quotas.Find(1).TakeAsync()).IsAllowed ? 1 : 0;
        }
        await using var second = await LimitReplicas.StartAsync(1, redis, name, policy);
        for (var i = 0; i < 200; i++)
            passed += (await second.Policies[0].Quotas.Find(1).TakeAsync()).IsAllowed ? 1 : 0;
        passed.ShouldBe(100);
    }

    [Fact]
    public async Task A_steady_caller_costs_few_questions()
    {
        await using var replicas = await StartAsync(1, new() { Permits = 1_000_000, Window = TimeSpan.FromSeconds(1), Burst = 1_000_000 });
        var quota = replicas.Policies[0].Quotas.Find(1);
        await quota.TakeAsync();
        var waited = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var taking = quota.TakeAsync();
            if (!taking.IsCompleted)
                waited++;
            (await taking).IsAllowed.ShouldBeTrue();
        }
        waited.ShouldBeLessThan(100);
    }

    private static string Name() => "test-" + Guid.CreateVersion7().ToString("N");

    private static async Task<LimitReplicas> StartAsync(int count, LimitPolicyOptions limit) =>
        await LimitReplicas.StartAsync(count, (await TestServers.GetAsync()).Redis, Name(), limit);

    /// <summary>Now one replica, now all; now in bursts, now one by one.</summary>
    private static async Task<IReadOnlyList<Verdict>> AskAsync(LimitReplicas replicas, int requests, Random random)
    {
        var asked = new List<Task<Verdict>>();
        while (asked.Count < requests)
        {
            var favourite = random.Next(replicas.Policies.Count);
            var atOnce = random.Next(4) == 0;
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                var replica = replicas.Policies[random.Next(3) > 0 ? favourite : random.Next(replicas.Policies.Count)];
                var taking = replica.Quotas.Find(7).TakeAsync().AsTask();
                asked.Add(taking);
                if (!atOnce)
                    await taking;
            }
        }
        return await Task.WhenAll(asked);
    }
}
