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
        Redis = Cable.ToRedis(servers.Redis, out var redis);
        var amqp = new Uri(servers.RabbitMq);
        Broker = new Cable(amqp.Host, amqp.Port);
        return servers with
        {
            Redis = redis,
            RabbitMq = new UriBuilder(amqp) { Host = "127.0.0.1", Port = Broker.Port }.Uri.ToString(),
        };
    }
}

[CollectionDefinition(nameof(FragileGateway))]
public sealed class FragileGatewayCollection : ICollectionFixture<FragileGateway>;
