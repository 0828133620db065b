namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Pauses that double up to a limit, each shortened at random by up to a fifth, so that replicas do not come back in step.</summary>
/// <param name="first">The first pause.</param>
/// <param name="limit">The longest.</param>
/// <param name="time">The clock.</param>
public sealed class GrowingPause(TimeSpan first, TimeSpan limit, TimeProvider time)
{
    private TimeSpan? _next;

    /// <summary>The next pause is the first again.</summary>
    public void Reset() => _next = null;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var pause = _next ?? first;
        _next = pause * 2 < limit ? pause * 2 : limit;
        return pause * (1 - (Random.Shared.NextDouble() / 5));
    }

    /// <summary>Waits for the next pause.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);
}
