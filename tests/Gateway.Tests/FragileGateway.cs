using System.Globalization;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>A scripted gateway whose ways to Redis and to the broker can be cut.</summary>
public sealed class FragileGateway : ScriptedGateway
{
    internal Cable Redis { get; private set; } = null!;

    internal Cable Broker { get; private set; } = null!;

    protected override bool HasReplica => false;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Redis.DisposeAsync();
        await Broker.DisposeAsync();
    }

    protected override async Task<TestServers> ServersAsync()
    {
        var servers = await base.ServersAsync();
        // host:port,option=value,…
        var (place, options) = servers.Redis.Split(',', 2) is [var first, var rest] ? (first, "," + rest) : (servers.Redis, "");
        var colon = place.LastIndexOf(':');
        Redis = new Cable(place[..colon], int.Parse(place[(colon + 1)..], CultureInfo.InvariantCulture));
        var amqp = new Uri(servers.RabbitMq);
        Broker = new Cable(amqp.Host, amqp.Port);
        return servers with
        {
            Redis = $"127.0.0.1:{Redis.Port}{options}",
            RabbitMq = new UriBuilder(amqp) { Host = "127.0.0.1", Port = Broker.Port }.Uri.ToString(),
        };
    }
}

[CollectionDefinition(nameof(FragileGateway))]
public sealed class FragileGatewayCollection : ICollectionFixture<FragileGateway>;
