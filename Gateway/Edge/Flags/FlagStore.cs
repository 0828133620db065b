using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>Every flag, in memory: no request waits for the database.</summary>
internal sealed class FlagStore(IServiceScopeFactory scopes, IHostEnvironment environment) : IChangeFollower, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Dictionary<string, uint> _versions = [];
    private volatile FrozenDictionary<string, FeatureFlag> _flags = FrozenDictionary<string, FeatureFlag>.Empty;

    /// <summary>The flags as they were read last.</summary>
    public IReadOnlyCollection<FeatureFlag> All => _flags.Values;

    /// <summary>What a flag is for somebody, here.</summary>
    public FlagDecision Evaluate(string key, FlagSubject subject) => FlagEvaluation.Evaluate(_flags.GetValueOrDefault(key), subject, environment.EnvironmentName);

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var rows = scope.ServiceProvider.GetRequiredService<GatewayDbContext>().Flags.AsNoTracking();
            var versions = await rows.Select(f => new { f.Key, f.Version }).ToDictionaryAsync(f => f.Key, f => f.Version, cancellationToken);
            if (versions.Count == _versions.Count && versions.All(v => _versions.TryGetValue(v.Key, out var known) && known == v.Value))
                return;
            var stored = await rows.ToListAsync(cancellationToken);
            _flags = stored.ToFrozenDictionary(f => f.Key, f => f.Read());
            _versions = stored.ToDictionary(f => f.Key, f => f.Version);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
