using TalentSphere.Cli.Chaos;

namespace TalentSphere.Chaos.Tests;

public sealed class PlanTests
{
    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(30);

    [Fact]
    public void The_same_seed_is_the_same_plan()
    {
        var (one, other) = (Plan.Draw(7, _duration, 6), Plan.Draw(7, _duration, 6));
        one.Faults.ShouldBe(other.Faults);
        one.Clients.ShouldBe(other.Clients);
        foreach (var steps in (Func<int, IEnumerable<Step>>[])[Steps.OfLearner, Steps.OfEmployer, Steps.OfAuthor])
            steps(one.Clients[0]).Take(500).ShouldBe(steps(other.Clients[0]).Take(500));
    }

    [Fact]
    public void Another_seed_is_another_plan()
    {
        Plan.Draw(7, _duration, 6).Faults.ShouldNotBe(Plan.Draw(8, _duration, 6).Faults);
        Steps.OfLearner(7).Take(20).ShouldNotBe(Steps.OfLearner(8).Take(20));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(30)]
    [InlineData(120)]
    public void Every_plan_kills_each_service_and_the_broker_and_stops_every_server(int seconds)
    {
        foreach (var seed in Enumerable.Range(0, 100))
        {
            var faults = Plan.Draw(seed, TimeSpan.FromSeconds(seconds), 6).Faults;
            var killed = faults.Where(f => f.Kind == FaultKind.Kill).Select(f => f.Target).ToHashSet();
            killed.ShouldBe([.. Plan.Services, "gateway", "rabbitmq"], ignoreOrder: true);
            faults.Where(f => f.Kind == FaultKind.Away).Select(f => f.Target).ShouldBe(["rabbitmq", "postgres", "redis"], ignoreOrder: true);
            faults.ShouldContain(f => f.Kind == FaultKind.Republish);
            faults.ShouldAllBe(f => f.At >= TimeSpan.Zero && f.At <= TimeSpan.FromSeconds(seconds));
            faults.Select(f => f.At).ShouldBeInOrder();
        }
    }
}
