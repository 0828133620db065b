using TalentSphere.Gateway.Edge.Usage;

namespace TalentSphere.Gateway.Tests.Usage;

/// <summary>Counting in memory: bounded, and nothing falls between two takings.</summary>
public sealed class UsageCountersTests
{
    private static readonly UsageTotals _one = new(1, 0, 0, 2, 2);

    [Fact]
    public async Task No_count_is_lost_while_others_count_and_take()
    {
        var counters = new UsageCounters(1000);
        using var done = new CancellationTokenSource();
        var taken = Task.Run(() =>
        {
            var sum = 0L;
            while (!done.IsCancellationRequested)
                sum += counters.Take().Sum(t => t.Totals.Requests);
            return sum;
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
                counters.TryAdd(Key(i % 7), _one).ShouldBeTrue();
        })));
        await done.CancelAsync();
        (await taken + counters.Take().Sum(t => t.Totals.Requests)).ShouldBe(200_000);
        counters.Count.ShouldBe(0);
    }

    [Fact]
    public void What_has_no_room_is_not_counted_and_what_has_a_counter_still_is()
    {
        var counters = new UsageCounters(2);
        counters.TryAdd(Key(1), _one).ShouldBeTrue();
        counters.TryAdd(Key(2), _one).ShouldBeTrue();
        counters.TryAdd(Key(3), _one).ShouldBeFalse();
        counters.TryAdd(Key(2), _one).ShouldBeTrue();
        counters.Take().Sum(t => t.Totals.Requests).ShouldBe(3);
        counters.TryAdd(Key(3), _one).ShouldBeTrue();
    }

    [Fact]
    public void Totals_add_up_and_keep_the_longest()
    {
        var counters = new UsageCounters(1);
        counters.TryAdd(Key(1), new(1, 1, 0, 5, 5));
        counters.TryAdd(Key(1), new(1, 0, 1, 3, 3));
        counters.Take().Single().Totals.ShouldBe(new(2, 1, 1, 8, 5));
    }

    [Fact]
    public void An_account_is_forgotten_and_the_others_are_not()
    {
        var counters = new UsageCounters(10);
        var (gone, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        counters.TryAdd(new(1, gone, "a"), _one);
        counters.TryAdd(new(1, gone, "b"), _one);
        counters.TryAdd(new(1, other, "a"), _one);
        counters.Forget(gone);
        counters.Take().Single().Key.User.ShouldBe(other);
    }

    private static UsageKey Key(int day) => new(day, Guid.Empty, "lms");
}
