using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Gateway.Edge.ResponseCaching;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>
/// A gateway in front of a <see cref="ScriptedUpstream"/>: <c>/api/v1/scripted</c> has the edge's defaults, <c>cached</c> a cache, <c>old</c> is deprecated and
/// <c>gone</c> is past its sunset.
/// </summary>
public class ScriptedGateway : GatewayFixture
{
    private ScriptedGateway? _replica;
    private bool _sharesUpstream;

    public ScriptedUpstream Upstream { get; private set; } = null!;

    /// <summary>Another gateway with the same upstream and servers.</summary>
    public ScriptedGateway Replica => _replica ?? throw new InvalidOperationException("A replica has none.");

    public override async ValueTask InitializeAsync()
    {
        Upstream ??= await ScriptedUpstream.StartAsync();
        Proxy("scripted");
        Proxy("cached", ("Cache.Tags", "cached"), ("Cache.PurgeOn", "scripted.thing.*"), ("Cache.Unaffected", "touch"));
        Proxy("old", ("Version.Deprecated", "2026-01-01T00:00:00Z"), ("Version.Sunset", "2999-01-01T00:00:00Z"), ("Version.Successor", "/api/v2/old"));
        Proxy("gone", ("Version.Deprecated", "2025-01-01T00:00:00Z"), ("Version.Sunset", "2026-01-01T00:00:00Z"), ("Version.Successor", "/api/v2/gone"));
        await base.InitializeAsync();
        await Eventually.TrueAsync(() => Services.GetRequiredService<PurgeLink>().IsHeard, "purges to be heard");
        if (_sharesUpstream || !HasReplica)
            return;
        _replica = new ScriptedGateway { Upstream = Upstream, _sharesUpstream = true };
        await _replica.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_replica is not null)
            await _replica.DisposeAsync();
        await base.DisposeAsync();
        if (!_sharesUpstream)
            await Upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual bool HasReplica => true;

    /// <summary>A route to the scripted upstream.</summary>
    protected void Proxy(string area, params (string Key, string Value)[] metadata)
    {
        var (route, cluster) = ($"ReverseProxy:Routes:{area}", "ReverseProxy:Clusters:scripted");
        Settings[$"{route}:ClusterId"] = "scripted";
        Settings[$"{route}:AuthorizationPolicy"] = "token-if-any";
        Settings[$"{route}:Match:Path"] = $"/api/v1/{area}/{{**rest}}";
        foreach (var (key, value) in metadata)
            Settings[$"{route}:Metadata:{key}"] = value;
        Settings[$"{cluster}:Destinations:scripted:Address"] = Upstream.Address;
        Settings[$"{cluster}:HttpRequest:ActivityTimeout"] = "00:00:05";
    }
}

[CollectionDefinition(nameof(ScriptedGateway))]
public sealed class ScriptedGatewayCollection : ICollectionFixture<ScriptedGateway>;
