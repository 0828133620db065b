using System.Collections.Concurrent;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Says what is wrong with a configuration before it takes effect. Each concern that follows its section brings one.</summary>
public interface IEdgeConfigurationCheck
{
    /// <summary>Everything that is wrong, each with its path (<c>ReverseProxy:Routes:lms</c>); nothing when it may take effect.</summary>
    /// <param name="merged">The whole configuration as it would be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<IReadOnlyList<FailureDetail>> CheckAsync(IConfiguration merged, CancellationToken cancellationToken);
}

/// <summary>
/// Lets a change of the configuration through when all of it is good, and one change at a time. What is refused changes nothing, is logged with its reasons, and
/// shows in <c>/health/deep</c> until its source is good again.
/// </summary>
internal sealed partial class ConfigurationGuard(IConfigurationRoot configuration)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentDictionary<string, IReadOnlyList<FailureDetail>> _refused = new();
    private Checks? _checks;
    private int _taken;

    /// <summary>How many changes took effect so far: what was refused over the configuration of then may be good over that of now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>What each source was last refused for; those that are good are not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<FailureDetail>> Refused => _refused;

    /// <summary>From here on changes are checked. Until then there are no routes that a change could spoil.</summary>
    public void Begin(IServiceProvider services) =>
        _checks = new([.. services.GetServices<IEdgeConfigurationCheck>()], services.GetRequiredService<ILogger<ConfigurationGuard>>());

    /// <summary>What is wrong with the configuration when <paramref name="candidate"/> stands in the place of <paramref name="replaced"/>.</summary>
    public async Task<IReadOnlyList<FailureDetail>> CheckAsync(IConfigurationProvider replaced, IConfigurationProvider candidate, CancellationToken cancellationToken)
    {
        if (_checks is not { } checks)
            return [];
        using var merged = CandidateConfiguration.With(configuration, replaced, candidate);
        var faults = new List<FailureDetail>();
        foreach (var check in checks.All)
            faults.AddRange(await check.CheckAsync(merged, cancellationToken));
        return faults;
    }

    /// <summary>Checks a change, and takes it when it is good.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="replaced">The source of configuration that changes.</param>
    /// <param name="candidate">What it would be.</param>
    /// <param name="take">Puts it in force; if that throws, it has put the old one back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<FailureDetail>> TakeAsync(
        string source, IConfigurationProvider replaced, IConfigurationProvider candidate, Action take, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var faults = await CheckAsync(replaced, candidate, cancellationToken);
            if (faults.Count == 0)
            {
                // Before it is in force: whoever sees it shall not find it refused.
                Accept(source);
                take();
                Interlocked.Increment(ref _taken);
                if (_checks is { } checks)
                    NowInForce(checks.Logger, source);
                return [];
            }
            Refuse(source, faults);
            return faults;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Somebody who follows the configuration does not take what every check let through.
            IReadOnlyList<FailureDetail> faults = [new(source, e.GetBaseException().Message)];
            Refuse(source, faults);
            return faults;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Notes that a source is good.</summary>
    public void Accept(string source) => _refused.TryRemove(source, out _);

    /// <summary>Notes that a source is not taken, and why. The same reasons again are not logged again.</summary>
    public void Refuse(string source, IReadOnlyList<FailureDetail> faults)
    {
        var known = _refused.TryGetValue(source, out var before) && before.SequenceEqual(faults);
        _refused[source] = faults;
        if (!known && _checks is { } checks)
            NotTaken(checks.Logger, source, string.Join("; ", faults.Select(f => $"{f.Field} {f.Message}")));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration of {Source} is in force")]
    private static partial void NowInForce(ILogger logger, string source);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration of {Source} is refused, the one before stays: {Reasons}")]
    private static partial void NotTaken(ILogger logger, string source, string reasons);

    private sealed record Checks(IReadOnlyList<IEdgeConfigurationCheck> All, ILogger Logger);
}
