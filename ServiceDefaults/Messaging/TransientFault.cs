using System.Net.Sockets;
using Npgsql;
using RabbitMQ.Client.Exceptions;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Tells the faults that pass by themselves, and say nothing about the message, from those that a message causes.</summary>
internal static class TransientFault
{
    public static bool Is(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                // 57P0x: the server was told to stop, is starting, or crashed under us.
                case PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "57P05" }:
                // A command that took too long is the message's own doing: waiting for ever would hold up all that stand behind it.
                case NpgsqlException { IsTransient: true, InnerException: not TimeoutException }:
                case SocketException:
                case BrokerUnreachableException:
                    return true;
                // The data source or the scope was disposed of while the host stops.
                case ObjectDisposedException { ObjectName: { } name }
                    when name.Contains("Npgsql", StringComparison.Ordinal) || name == nameof(IServiceProvider):
                    return true;
            }
        }
        return false;
    }
}
