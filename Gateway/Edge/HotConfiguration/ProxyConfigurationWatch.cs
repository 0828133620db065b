using TalentSphere.Gateway.Edge.ResponseCaching;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>
/// Hears from the proxy what became of its configuration: one that it does not take, although every check let it through, is told as refused, and where requests go elsewhere
/// from now on, what was kept of the answers from before is not served any more.
/// </summary>
internal sealed class ProxyConfigurationWatch(ConfigurationGuard guard, CacheTags tags) : IConfigChangeListener
{
    /// <summary>What the guard calls it.</summary>
    public const string Source = "proxy";

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // It may still not be taken.
    }

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        guard.Accept(Source);
        tags.Everything.Purge();
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => Refuse(exception);

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => Refuse(exception);

    private void Refuse(Exception exception) => guard.Refuse(Source, [new("ReverseProxy", exception.GetBaseException().Message)]);
}
