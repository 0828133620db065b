using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>The policies that hold at the moment. Changed configuration takes their place as a whole, or, when it is not valid, not at all.</summary>
internal sealed partial class LimitPolicies : IDisposable
{
    private readonly IOptionsFactory<LimitOptions> _options;
    private readonly QuotaStore _store;
    private readonly ILogger<LimitPolicies> _logger;
    private readonly IDisposable _watch;
    private volatile LimitPolicySet _current;

    public LimitPolicies(IOptions<LimitOptions> options, IOptionsFactory<LimitOptions> changed, IConfiguration configuration, QuotaStore store, ILogger<LimitPolicies> logger)
    {
        (_options, _store, _logger) = (changed, store, logger);
        _current = new(options.Value, store);
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, Replace);
    }

    public LimitPolicySet Current => _current;

    public void Dispose() => _watch.Dispose();

    private void Replace()
    {
        try
        {
            var options = _options.Create(Options.DefaultName);
            if (_current.IsOf(options))
                return;
            _store.Options = options;
            _current = new(options, _store);
            Replaced(_logger, _current.All.Length);
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            Refused(_logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} limits hold from now on")]
    private static partial void Replaced(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The limits that are configured now are not valid; those before stay: {Reason}")]
    private static partial void Refused(ILogger logger, string reason);
}

/// <summary>Policies that were configured together.</summary>
internal sealed class LimitPolicySet
{
    private readonly LimitOptions _options;
    private readonly FrozenDictionary<string, LimitPolicy> _byName;

    public LimitPolicySet(LimitOptions options, QuotaStore store)
    {
        _options = options;
        _byName = options.Policies.ToFrozenDictionary(p => p.Key, p => new LimitPolicy(p.Key, p.Value, options, store), StringComparer.Ordinal);
        All = [.. _byName.Values];
        Anonymous = _byName[LimitOptions.Anonymous];
        User = _byName[LimitOptions.User];
    }

    public LimitPolicy[] All { get; }

    public LimitPolicy Anonymous { get; }

    public LimitPolicy User { get; }

    /// <summary>True when nothing in them differs.</summary>
    public bool IsOf(LimitOptions options) =>
        options with { Policies = _options.Policies } == _options
        && options.Policies.Count == _options.Policies.Count
        && options.Policies.All(p => _options.Policies.TryGetValue(p.Key, out var known) && known == p.Value);

    /// <summary>Null when there is none of that name any more.</summary>
    public LimitPolicy? Find(string name) => _byName.GetValueOrDefault(name);
}
