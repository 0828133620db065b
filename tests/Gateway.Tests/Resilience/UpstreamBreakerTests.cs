using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TalentSphere.Gateway.Edge.Resilience;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>When a breaker opens, who may try, and when it closes.</summary>
public sealed class UpstreamBreakerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<UpstreamMetrics>().BuildServiceProvider();
    private readonly Clock _clock = new();
    private readonly UpstreamBreaker _breaker;
    private int _opened;

    public UpstreamBreakerTests() =>
        _breaker = new("lms", new BreakerOptions(), _clock, _services.GetRequiredService<UpstreamMetrics>(), NullLogger.Instance, () => _opened++);

    public void Dispose() => _services.Dispose();

    public static TheoryData<string> Failures => ["Away", "Broken", "TooSlow", "Invalid"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Five_failures_in_a_row_open_it_and_four_do_not(string kind)
    {
        await ReportAsync(Enum.Parse<UpstreamOutcome>(kind), 4);
        _breaker.State.ShouldBe(BreakerState.Closed);
        await ReportAsync(Enum.Parse<UpstreamOutcome>(kind), 1);
        _breaker.State.ShouldBe(BreakerState.Open);
        _breaker.Remaining.ShouldBe(TimeSpan.FromSeconds(30));
        _opened.ShouldBe(1);
    }

    [Fact]
    public async Task Failures_in_a_row_are_in_a_row_however_far_apart()
    {
        for (var i = 0; i < 5; i++)
        {
            await ReportAsync(UpstreamOutcome.TooSlow, 1);
            _clock.Pass(TimeSpan.FromMinutes(10));
        }
        _breaker.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task One_success_ends_the_row()
    {
        for (var i = 0; i < 4; i++)
        {
            await ReportAsync(UpstreamOutcome.Broken, 4);
            await ReportAsync(UpstreamOutcome.Answered, 1);
            _clock.Pass(TimeSpan.FromSeconds(11));
        }
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task A_client_that_hangs_up_neither_counts_nor_ends_the_row()
    {
        await ReportAsync(UpstreamOutcome.Unknown, 100);
        await ReportAsync(UpstreamOutcome.Broken, 4);
        await ReportAsync(UpstreamOutcome.Unknown, 100);
        _breaker.State.ShouldBe(BreakerState.Closed);
        await ReportAsync(UpstreamOutcome.Broken, 1);
        _breaker.State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task Half_of_twenty_within_ten_seconds_open_it()
    {
        await AlternateAsync(19);
        _breaker.State.ShouldBe(BreakerState.Closed, "19 say nothing");
        await ReportAsync(UpstreamOutcome.TooSlow, 1);
        _breaker.State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task Less_than_half_do_not()
    {
        await ReportAsync(UpstreamOutcome.Answered, 4);
        await AlternateAsync(60);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task Half_of_twenty_over_a_longer_time_do_not()
    {
        for (var i = 0; i < 4; i++)
        {
            await AlternateAsync(10);
            _clock.Pass(TimeSpan.FromSeconds(11));
        }
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_thirty_seconds_one_request_tries_and_closes_it(bool byRow)
    {
        await OpenAsync(byRow);
        _clock.Pass(TimeSpan.FromSeconds(29.9));
        (await TryAsync(UpstreamOutcome.Answered)).ShouldBeNull();
        _clock.Pass(TimeSpan.FromSeconds(0.2));

        var (begun, trial) = (new TaskCompletionSource(), new TaskCompletionSource<UpstreamOutcome>());
        var trying = _breaker.TryAsync(
            static t =>
            {
                t.begun.SetResult();
                return t.trial.Task;
            },
            (begun, trial)).AsTask();
        await begun.Task;
        _breaker.State.ShouldBe(BreakerState.HalfOpen);
        (await TryAsync(UpstreamOutcome.Answered)).ShouldBeNull("one at a time");
        trial.SetResult(UpstreamOutcome.Answered);
        (await trying).ShouldBe(UpstreamOutcome.Answered);
        _breaker.State.ShouldBe(BreakerState.Closed);
        await ReportAsync(UpstreamOutcome.Broken, 4);
        _breaker.State.ShouldBe(BreakerState.Closed, "what was before the break is forgotten");
        await ReportAsync(UpstreamOutcome.Broken, 1);
        _breaker.State.ShouldBe(BreakerState.Open);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trial_that_fails_opens_it_for_another_thirty_seconds(bool byRow)
    {
        await OpenAsync(byRow);
        _clock.Pass(TimeSpan.FromSeconds(31));
        (await TryAsync(UpstreamOutcome.TooSlow)).ShouldBe(UpstreamOutcome.TooSlow);
        _breaker.State.ShouldBe(BreakerState.Open);
        _clock.Pass(TimeSpan.FromSeconds(29));
        (await TryAsync(UpstreamOutcome.Answered)).ShouldBeNull();
        _clock.Pass(TimeSpan.FromSeconds(2));
        (await TryAsync(UpstreamOutcome.Answered)).ShouldBe(UpstreamOutcome.Answered);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task A_trial_whose_client_hangs_up_does_not_keep_everybody_else_out()
    {
        await OpenAsync(byRow: true);
        _clock.Pass(TimeSpan.FromSeconds(31));
        (await TryAsync(UpstreamOutcome.Unknown)).ShouldBe(UpstreamOutcome.Unknown);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task What_goes_wrong_inside_a_trial_is_thrown_and_does_not_lock_the_breaker()
    {
        await OpenAsync(byRow: true);
        _clock.Pass(TimeSpan.FromSeconds(31));
        await Should.ThrowAsync<InvalidTimeZoneException>(() => _breaker.TryAsync(
            static _ => Task.FromException<UpstreamOutcome>(new InvalidTimeZoneException()), 0).AsTask());
        _clock.Pass(TimeSpan.FromSeconds(31));
        if (!_breaker.IsClosed)
            (await TryAsync(UpstreamOutcome.Answered)).ShouldBe(UpstreamOutcome.Answered);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task A_late_answer_from_before_the_break_changes_nothing()
    {
        await OpenAsync(byRow: true);
        _clock.Pass(TimeSpan.FromSeconds(31));
        await ReportAsync(UpstreamOutcome.Answered, 1);
        _breaker.State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task A_service_that_was_away_and_is_ready_is_let_in_at_once()
    {
        await ReportAsync(UpstreamOutcome.Away, 5);
        await _breaker.ProbedAsync(ready: true);
        _breaker.State.ShouldBe(BreakerState.Closed);
        await ReportAsync(UpstreamOutcome.Away, 4);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task A_service_that_was_ready_all_along_is_not()
    {
        await ReportAsync(UpstreamOutcome.TooSlow, 5);
        await _breaker.ProbedAsync(ready: true);
        _breaker.State.ShouldBe(BreakerState.Open, "its probe proves nothing about what is too slow");
        await _breaker.ProbedAsync(ready: false);
        _breaker.State.ShouldBe(BreakerState.Open);
        await _breaker.ProbedAsync(ready: true);
        _breaker.State.ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public async Task The_way_of_a_success_allocates_nothing()
    {
        await ReportAsync(UpstreamOutcome.Answered, 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            if (!_breaker.ReportAsync(UpstreamOutcome.Answered).IsCompletedSuccessfully)
                throw new InvalidOperationException("It waits.");
        }
        // A window of Polly's may begin meanwhile.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }

    private async Task OpenAsync(bool byRow)
    {
        await (byRow ? ReportAsync(UpstreamOutcome.Broken, 5) : AlternateAsync(20));
        _breaker.State.ShouldBe(BreakerState.Open);
    }

    /// <summary>Every second one fails, the last for an even count.</summary>
    private async Task AlternateAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await ReportAsync(i % 2 == 0 ? UpstreamOutcome.Answered : UpstreamOutcome.TooSlow, 1);
    }

    private async Task ReportAsync(UpstreamOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++)
            await _breaker.ReportAsync(outcome);
    }

    private ValueTask<UpstreamOutcome?> TryAsync(UpstreamOutcome outcome) => _breaker.TryAsync(static o => Task.FromResult(o), outcome);

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Pass(TimeSpan time) => _now += time;
    }
}
