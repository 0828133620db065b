using Polly;
using Polly.CircuitBreaker;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// The breaker of one service, two of Polly's in a row: one counts failures within a window, the other failures since the last success. While both are closed a request
/// passes with a look at one field and is reported when it is over; otherwise Polly decides which one may try. See docs/adr/0020.
/// </summary>
internal sealed partial class UpstreamBreaker
{
    // Polly's longest window: five failures in a row are five in a row, however far apart.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(1);

    // Longer than between two probes.
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(2);

    private readonly ResiliencePipeline<UpstreamOutcome> _share;
    private readonly ResiliencePipeline<UpstreamOutcome> _run;
    private readonly ResiliencePipeline<UpstreamOutcome> _both;
    private readonly CircuitBreakerManualControl _shareControl = new();
    private readonly CircuitBreakerManualControl _runControl = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _opened;
    private int _notClosed;
    private int _halfOpen;
    private int _failures;
    private long _until;
    private volatile bool _wasAway;

    /// <param name="service">Whose.</param>
    /// <param name="options">When it opens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">Counts what becomes of requests.</param>
    /// <param name="logger">Hears of each change.</param>
    /// <param name="opened">Is called when it opened.</param>
    public UpstreamBreaker(string service, BreakerOptions options, TimeProvider time, UpstreamMetrics metrics, ILogger logger, Action opened)
    {
        (Service, Metrics, _time, _logger, _opened) = (service, metrics, time, logger, opened);
        Passing = new(service, BreakerState.Closed, Admitted: true);
        Trying = new(service, BreakerState.HalfOpen, Admitted: true);
        Refusing = new(service, BreakerState.Open, Admitted: false);
        _share = Build(1, options.FailureRatio, options.MinimumRequests, options.Window, options.BreakDuration, _shareControl);
        _run = Build(2, 1, options.ConsecutiveFailures, _longest, options.BreakDuration, _runControl);
        _both = new ResiliencePipelineBuilder<UpstreamOutcome>().AddPipeline(_share).AddPipeline(_run).Build();
    }

    public string Service { get; }

    public UpstreamMetrics Metrics { get; }

    /// <summary>The decision about a request that passes.</summary>
    public BreakerDecision Passing { get; }

    /// <summary>The decision about the one that tries.</summary>
    public BreakerDecision Trying { get; }

    /// <summary>The decision about one that is refused.</summary>
    public BreakerDecision Refusing { get; }

    public bool IsClosed => Volatile.Read(ref _notClosed) == 0;

    public BreakerState State => IsClosed ? BreakerState.Closed : Volatile.Read(ref _halfOpen) != 0 ? BreakerState.HalfOpen : BreakerState.Open;

    /// <summary>How long until a request may try: zero when one may, or does.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = new DateTimeOffset(Interlocked.Read(ref _until), TimeSpan.Zero) - _time.GetUtcNow();
            return IsClosed || left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    /// <summary>When to come back: soon to a service that was away, which is let in as soon as it is ready; else when a request may try.</summary>
    public TimeSpan ComeBackAfter => _wasAway && Remaining > _soon ? _soon : Remaining;

    /// <summary>Counts what became of a request that passed while the breaker was closed. Completes synchronously unless that opens it.</summary>
    public async ValueTask ReportAsync(UpstreamOutcome outcome)
    {
        // A request from before the break has nothing to say about the time after it.
        if (outcome == UpstreamOutcome.Unknown || !IsClosed)
            return;
        if (outcome == UpstreamOutcome.Answered)
        {
            await CountAsync(_share, outcome);
            if (Volatile.Read(ref _failures) != 0)
                await EndRunAsync();
            return;
        }
        Interlocked.Increment(ref _failures);
        _wasAway = outcome == UpstreamOutcome.Away;
        await CountAsync(_share, outcome);
        await CountAsync(_run, outcome);
    }

    /// <summary>Lets a request try if it is time and no other does.</summary>
    /// <returns>What became of it; null when it was refused.</returns>
    public async ValueTask<UpstreamOutcome?> TryAsync<TState>(Func<TState, Task<UpstreamOutcome>> attempt, TState state)
    {
        if (Remaining > TimeSpan.Zero)
            return null;
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            var tried = await _both.ExecuteOutcomeAsync(
                static async (_, s) =>
                {
                    var outcome = await s.attempt(s.state);
                    if (outcome is not (UpstreamOutcome.Answered or UpstreamOutcome.Unknown))
                        s.breaker._wasAway = outcome == UpstreamOutcome.Away;
                    return Outcome.FromResult(outcome);
                },
                context, (breaker: this, attempt, state));
            if (tried.Exception is BrokenCircuitException)
                return null;
            tried.ThrowIfException();
            if (tried.Result is UpstreamOutcome.Answered or UpstreamOutcome.Unknown)
                await EndRunAsync();
            return tried.Result;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>
    /// Takes what a probe found. A service that was away and is ready is back: the break is over. One that was ready all along broke for another reason, and its probe
    /// proves nothing.
    /// </summary>
    public async Task ProbedAsync(bool ready)
    {
        if (IsClosed)
            return;
        if (!ready)
        {
            _wasAway = true;
            return;
        }
        if (!_wasAway)
            return;
        await _shareControl.CloseAsync();
        await EndRunAsync();
    }

    private Task EndRunAsync()
    {
        Volatile.Write(ref _failures, 0);
        // What Polly calls closing also forgets what was counted.
        return _runControl.CloseAsync();
    }

    private static async ValueTask CountAsync(ResiliencePipeline<UpstreamOutcome> pipeline, UpstreamOutcome outcome)
    {
        var context = ResilienceContextPool.Shared.Get();
        await pipeline.ExecuteOutcomeAsync(static (_, o) => new ValueTask<Outcome<UpstreamOutcome>>(Outcome.FromResult(o)), context, outcome);
        ResilienceContextPool.Shared.Return(context);
    }

    private ResiliencePipeline<UpstreamOutcome> Build(
        int bit, double ratio, int minimum, TimeSpan window, TimeSpan breakDuration, CircuitBreakerManualControl control)
    {
        var builder = new ResiliencePipelineBuilder<UpstreamOutcome> { TimeProvider = _time };
        return builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<UpstreamOutcome>
        {
            FailureRatio = ratio,
            MinimumThroughput = minimum,
            SamplingDuration = window,
            BreakDuration = breakDuration,
            ManualControl = control,
            ShouldHandle = static a => new(a.Outcome.Exception is null && a.Outcome.Result is not (UpstreamOutcome.Answered or UpstreamOutcome.Unknown)),
            OnOpened = opened => Change(() => Open(bit, opened.BreakDuration)),
            OnHalfOpened = _ => Change(() => Interlocked.Or(ref _halfOpen, bit)),
            OnClosed = _ => Change(() =>
            {
                Interlocked.And(ref _halfOpen, ~bit);
                Interlocked.And(ref _notClosed, ~bit);
            }),
        }).Build();
    }

    private void Open(int bit, TimeSpan breakDuration)
    {
        Interlocked.Exchange(ref _until, (_time.GetUtcNow() + breakDuration).UtcTicks);
        Interlocked.And(ref _halfOpen, ~bit);
        Interlocked.Or(ref _notClosed, bit);
        Metrics.Opened(Service);
        _opened();
    }

    private ValueTask Change(Action change)
    {
        var before = State;
        change();
        if (State != before)
            Changed(_logger, Service, before, State);
        return default;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The breaker of {Service} was {Before} and is {After}")]
    private static partial void Changed(ILogger logger, string service, BreakerState before, BreakerState after);
}
