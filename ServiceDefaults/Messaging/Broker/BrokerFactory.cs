using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>How a process of the mesh connects to RabbitMQ.</summary>
public static class BrokerFactory
{
    /// <summary>
    /// The address and credentials of <c>ConnectionStrings:rabbitmq</c>, as they are now: a password that was exchanged counts for the next connection. A connection
    /// that is lost stays so; whoever uses it makes another one, and so knows that something may have been missed in between.
    /// </summary>
    /// <param name="configuration">The process' configuration.</param>
    /// <param name="name">What the broker's management shows.</param>
    /// <param name="heartbeat">A connection that died without a word is noticed after two of these.</param>
    /// <exception cref="InvalidOperationException">The address is not set.</exception>
    public static ConnectionFactory Create(IConfiguration configuration, string name, TimeSpan heartbeat) => new()
    {
        Uri = new Uri(configuration.GetConnectionString("rabbitmq") ?? throw new InvalidOperationException("ConnectionStrings:rabbitmq is not set.")),
        ClientProvidedName = name,
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = heartbeat,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ContinuationTimeout = TimeSpan.FromSeconds(15),
    };
}
