namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// Ends requests that take too long as a whole, whatever trickles meanwhile. Those that begin within the same moment share a timer, so that a request costs a
/// registration and no timer of its own; it may have that moment longer.
/// </summary>
internal sealed class TimeLimit
{
    private static readonly TimeSpan _longestMoment = TimeSpan.FromSeconds(1);
    private const int _moments = 50;

    private readonly TimeSpan _limit;
    private readonly TimeSpan _moment;
    private readonly Lock _renewing = new();
    private Moment _current = new(CancellationToken.None, long.MinValue);

    public TimeLimit(TimeSpan limit)
    {
        _limit = limit;
        _moment = limit / _moments < _longestMoment ? limit / _moments : _longestMoment;
    }

    /// <summary>How long a request has at most.</summary>
    public TimeSpan Longest => _limit + _moment;

    /// <summary>Aborts the request when its time is up, unless what is returned was disposed by then.</summary>
    public CancellationTokenRegistration Watch(HttpContext context)
    {
        var moment = Volatile.Read(ref _current);
        if (Environment.TickCount64 >= moment.Until)
            moment = Renew();
        return moment.Over.UnsafeRegister(static state => End((HttpContext)state!), context);
    }

    private static void End(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<UpstreamRoute>() is { } route)
            route.Breaker.Metrics.Overdue(route.Breaker.Service);
        context.Abort();
    }

    private Moment Renew()
    {
        lock (_renewing)
        {
            if (Environment.TickCount64 < _current.Until)
                return _current;
            // Held by its own timer until that has fired.
            var over = new CancellationTokenSource(Longest);
            var moment = new Moment(over.Token, Environment.TickCount64 + (long)_moment.TotalMilliseconds);
            Volatile.Write(ref _current, moment);
            return moment;
        }
    }

    private sealed record Moment(CancellationToken Over, long Until);
}
