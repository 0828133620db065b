using Microsoft.Extensions.Configuration.Memory;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>The overlay in force, as the last of the process' sources of configuration.</summary>
internal sealed class OverlayProvider : ConfigurationProvider, IConfigurationSource
{
    private OverlayDocument _overlay = OverlayDocument.Empty;

    public OverlayProvider()
    {
    }

    /// <summary>One that is only looked at.</summary>
    public OverlayProvider(OverlayDocument overlay) => Hold(overlay);

    public OverlayDocument Overlay => _overlay;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Puts another one in force, and tells everybody who follows the configuration.</summary>
    public void Replace(OverlayDocument overlay)
    {
        Hold(overlay);
        OnReload();
    }

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
    {
        if (parentPath is not null && _overlay.Lists.Contains(parentPath))
            earlierKeys = [];
        var keys = base.GetChildKeys(earlierKeys, parentPath);
        return _overlay.Removed.Count == 0 || parentPath is null ? keys : keys.Where(k => !_overlay.Removed.Contains(ConfigurationPath.Combine(parentPath, k)));
    }

    private void Hold(OverlayDocument overlay)
    {
        _overlay = overlay;
        Data = new Dictionary<string, string?>(overlay.Values, StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>A configuration as it would be with one of its sources exchanged; nobody but the checks sees it.</summary>
internal static class CandidateConfiguration
{
    /// <summary>The same sources in the same order, with <paramref name="candidate"/> in the place of <paramref name="replaced"/>; null: without that one.</summary>
    public static ConfigurationRoot With(IConfigurationRoot current, IConfigurationProvider replaced, IConfigurationProvider? candidate) => new(
        [.. current.Providers.Select(p => ReferenceEquals(p, replaced) ? candidate : new Unloaded(p)).OfType<IConfigurationProvider>()]);

    /// <summary>Values as a source.</summary>
    public static IConfigurationProvider Of(IEnumerable<KeyValuePair<string, string?>> values) => new MemoryConfigurationProvider(new() { InitialData = values });

    /// <summary>A source that stays as it is: making a configuration of it would load it again.</summary>
    private sealed class Unloaded(IConfigurationProvider source) : IConfigurationProvider
    {
        private readonly ConfigurationReloadToken _never = new();

        public bool TryGet(string key, out string? value) => source.TryGet(key, out value);

        public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) => source.GetChildKeys(earlierKeys, parentPath);

        public Microsoft.Extensions.Primitives.IChangeToken GetReloadToken() => _never;

        public void Load()
        {
            // It was, by its owner.
        }

        public void Set(string key, string? value) => throw new NotSupportedException("A candidate is read only.");
    }
}
