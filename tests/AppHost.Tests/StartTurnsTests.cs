using TalentSphere.AppHost.LocalHosting;

namespace TalentSphere.AppHost.Tests;

public sealed class StartTurnsTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public async Task Who_comes_later_waits_until_somebody_has_started()
    {
        var turns = new StartTurns(2, _clock);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        await turns.WaitAsync(first.Task, LocalRun.Cancelled);
        await turns.WaitAsync(second.Task, LocalRun.Cancelled);
        var third = turns.WaitAsync(Task.CompletedTask, LocalRun.Cancelled);
        third.IsCompleted.ShouldBeFalse();

        second.SetResult();

        await third;
    }

    [Fact]
    public async Task Who_does_not_start_has_had_its_turn_after_ten_seconds()
    {
        var turns = new StartTurns(1, _clock);
        await turns.WaitAsync(new TaskCompletionSource().Task, LocalRun.Cancelled);
        var next = turns.WaitAsync(Task.CompletedTask, LocalRun.Cancelled);
        next.IsCompleted.ShouldBeFalse();

        _clock.RingAll(TimeSpan.FromSeconds(10));

        await next;
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_turn()
    {
        var turns = new StartTurns(1, _clock);
        var first = new TaskCompletionSource();
        await turns.WaitAsync(first.Task, LocalRun.Cancelled);
        using var stop = new CancellationTokenSource();
        var impatient = turns.WaitAsync(new TaskCompletionSource().Task, stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        var next = turns.WaitAsync(Task.CompletedTask, LocalRun.Cancelled);

        first.SetResult();

        await next;
    }

    /// <summary>Its timers ring when it is told to.</summary>
    private sealed class HandClock : TimeProvider
    {
        private readonly List<(TimeSpan Due, Action Ring)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((dueTime, () => callback(state)));
            return new Silent();
        }

        public void RingAll(TimeSpan due) => _timers.FindAll(t => t.Due == due).ForEach(t => t.Ring());

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
