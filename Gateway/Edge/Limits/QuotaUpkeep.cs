namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>Gives back leases that ended unspent, and brings Redis back into use after it was away.</summary>
internal sealed class QuotaUpkeep(QuotaStore store, LimitPolicies policies) : BackgroundService
{
    private const int _reportsAtOnce = 256;
    private static readonly TimeSpan _firstConnection = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _probe = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(50);

    // The others have come back too, and told what they spent, before anything is granted on what Redis knows.
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(600);

    /// <summary>Connects before the first request is taken, if Redis is there.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await store.TryRejoinAsync(_firstConnection))
            store.Trust();
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Gives all leases back, after the last request.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (store.Leases.TryRead(out var quota) && !cancellationToken.IsCancellationRequested)
        {
            if (await quota.TryGiveBackAsync())
                continue;
            store.Enlist(quota);
            await Task.Delay(_round, store.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await store.LeaveAsync();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(KeepLeasesAsync(stoppingToken), ReturnAsync(stoppingToken));

    private async Task KeepLeasesAsync(CancellationToken stoppingToken)
    {
        while (await store.Leases.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(_round, store.Time, stoppingToken);
            // Those that are looked after longer come in again behind.
            for (var i = store.Leases.Count; i > 0 && store.Leases.TryRead(out var quota); i--)
            {
                if (quota.KeepsLease())
                    store.Enlist(quota);
            }
        }
    }

    private async Task ReturnAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(store.Options.StoreRetry, store.Time, stoppingToken);
            if (!store.IsAway)
                await store.WatchAsync();
            if (!store.IsAway || !await store.TryRejoinAsync(_probe))
                continue;
            foreach (var some in policies.Current.All.SelectMany(p => p.Quotas.All()).Chunk(_reportsAtOnce))
                await Task.WhenAll(some.Select(q => q.ReportAsync()));
            await Task.Delay(_grace, store.Time, stoppingToken);
            store.Trust();
        }
    }
}
