using TalentSphere.Cli.Chaos;

namespace TalentSphere.Chaos.Tests;

/// <summary>The kill test, on a real mesh.</summary>
public sealed class KillTests(MeshToBreak meshes)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_acknowledged_is_lost_doubled_or_reordered_whatever_is_killed(int seed)
    {
        var mesh = await meshes.GetToKillAsync();
        var plan = Plan.Draw(seed, TimeSpan.FromSeconds(20), ChaosRun.Learners + 2);
        var result = await new ChaosRun(mesh).RunAsync(plan, new Interference(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());

        result.Verdict.Findings.ShouldBeEmpty(result.ToString());
        result.Verdict.Acknowledged.ShouldBeGreaterThan(20);
        result.Verdict.Published.ShouldBe(result.Verdict.Acknowledged);
        result.Verdict.Applied.ShouldBe(result.Verdict.Acknowledged);
        result.Verdict.Effects.ShouldBeGreaterThan(20);
        result.Done.Count.ShouldBe(plan.Faults.Count);
    }

    [Fact]
    public async Task While_the_broker_is_away_writes_go_on_as_before_and_arrive_when_it_is_back()
    {
        var mesh = await meshes.GetAsync();
        var outage = await new BrokerOutage(mesh).RunAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(outage.ToString());

        outage.Findings.ShouldBeEmpty(outage.ToString());
        outage.Readiness.Count.ShouldBe(6);
        outage.During.Count.ShouldBeGreaterThan(100);
        outage.Verdict.Applied.ShouldBe(outage.Verdict.Acknowledged);
    }
}
