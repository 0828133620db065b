using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Brings the overlay that operators set last into force, on every replica; one that is not good here is refused, and the one before stays.</summary>
internal sealed class ConfigurationStore(
    IServiceScopeFactory scopes, IServiceProvider services, IConfiguration configuration, OverlayProvider overlay, ConfigurationGuard guard, IEnumerable<HotSection> sections,
    TimeProvider time) : IChangeFollower, IDisposable
{
    /// <summary>What the guard calls it.</summary>
    public const string Source = "overlay";

    /// <summary>The setting that leaves the overlay out, for whoever has to get in again.</summary>
    public const string IgnoredKey = "HotConfiguration:IgnoreOverlay";

    private static readonly TimeSpan _anotherTry = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string[] _sections = [.. sections.Select(s => s.Name)];
    private (int Number, int Taken, DateTimeOffset At) _considered;

    /// <summary>The number in force on this replica; 0: the deployed configuration as it is.</summary>
    public int InForce { get; private set; }

    /// <summary>What this replica refuses about the overlay that was set last.</summary>
    public IReadOnlyList<FailureDetail> Refused =>
        [.. guard.Refused.GetValueOrDefault(Source) ?? [], .. guard.Refused.GetValueOrDefault(ProxyConfigurationWatch.Source) ?? []];

    /// <summary>Everything that is wrong with a document, were it set now.</summary>
    public async Task<IReadOnlyList<FailureDetail>> CheckAsync(JsonElement document, CancellationToken cancellationToken)
    {
        var (candidate, faults) = Read(document);
        return faults.Count > 0 ? faults : await guard.CheckAsync(overlay, new OverlayProvider(candidate), cancellationToken);
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var versions = scope.ServiceProvider.GetRequiredService<GatewayDbContext>().ConfigurationVersions.AsNoTracking();
            var number = await versions.MaxAsync(v => (int?)v.Number, cancellationToken) ?? 0;
            if (number == _considered.Number && !IsWorthAnotherTry(number))
                return;
            if (number > 0 && configuration.GetValue<bool>(IgnoredKey))
            {
                guard.Refuse(Source, [new(IgnoredKey, "is set: nothing lies over the deployed configuration")]);
            }
            else
            {
                var document = await versions.Where(v => v.Number == number).Select(v => v.Document).SingleOrDefaultAsync(cancellationToken);
                if (await TakeAsync(JsonElement.Parse(document ?? "{}"), cancellationToken))
                    InForce = number;
            }
            _considered = (number, guard.Taken, time.GetUtcNow());
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>What was refused may be good over files that changed since, or once its follower is itself again.</summary>
    private bool IsWorthAnotherTry(int number) => InForce != number && (guard.Taken != _considered.Taken || time.GetUtcNow() - _considered.At >= _anotherTry);

    private async Task<bool> TakeAsync(JsonElement document, CancellationToken cancellationToken)
    {
        var (candidate, faults) = Read(document);
        if (faults.Count > 0)
            guard.Refuse(Source, faults);
        else
            faults = await guard.TakeAsync(Source, overlay, new OverlayProvider(candidate), () => Replace(candidate), cancellationToken);
        return faults.Count == 0;
    }

    private void Replace(OverlayDocument candidate)
    {
        var before = overlay.Overlay;
        try
        {
            overlay.Replace(candidate);
        }
        catch
        {
            overlay.Replace(before);
            throw;
        }
    }

    private (OverlayDocument Overlay, IReadOnlyList<FailureDetail> Faults) Read(JsonElement document)
    {
        var (candidate, faults) = OverlayDocument.Read(document, _sections);
        if (faults.Count > 0)
            return (candidate, faults);
        using var deployed = CandidateConfiguration.With((IConfigurationRoot)configuration, overlay, null);
        return (candidate, new OverlayRules(deployed, services.GetRequiredService<EndpointDataSource>()).Faults(candidate));
    }
}
