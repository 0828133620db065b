namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// Lets a few projects start at a time. On few processors all at once are no sooner there than some after the others, and take the time from what starts on one thread,
/// a broker above all, for which the whole mesh then waits.
/// </summary>
/// <param name="atOnce">How many at a time.</param>
/// <param name="time">The clock.</param>
internal sealed class StartTurns(int atOnce, TimeProvider time)
{
    /// <summary>Nobody waits longer for one that does not become healthy: it may be waiting for one that has not had its turn.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _places = new(atOnce);

    /// <summary>Waits for a turn, which ends by itself.</summary>
    /// <param name="started">Completes when it has started.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(Task started, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        _ = EndAsync(started, cancellationToken);
    }

    private async Task EndAsync(Task started, CancellationToken cancellationToken)
    {
        await Task.WhenAny(started, Task.Delay(_longest, time, cancellationToken));
        _places.Release();
    }
}
