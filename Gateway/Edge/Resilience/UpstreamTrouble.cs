namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Wakes the probes when an upstream is in trouble; as long as none is, nothing runs.</summary>
internal sealed class UpstreamTrouble : IDisposable
{
    private readonly SemaphoreSlim _reported = new(0, 1);
    private int _pending;

    public void Report()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0)
            _reported.Release();
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _reported.WaitAsync(cancellationToken);
        Volatile.Write(ref _pending, 0);
    }

    public void Dispose() => _reported.Dispose();
}
