namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Pauses that double up to a limit, each shortened at random by up to a fifth, so that replicas do not come back in step.</summary>
internal sealed class GrowingPause(TimeSpan first, TimeSpan limit, TimeProvider time)
{
    private TimeSpan? _next;

    public void Reset() => _next = null;

    public TimeSpan Next()
    {
        var pause = _next ?? first;
        _next = pause * 2 < limit ? pause * 2 : limit;
        return pause * (1 - (Random.Shared.NextDouble() / 5));
    }

    public Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(Next(), time, cancellationToken);
}
