using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace TalentSphere.Cli.Mesh;

/// <summary>
/// Connections that come from an address of their own, as those of another person's machine would: what the gateway allows one address is not used up by whoever else
/// works on this machine. Of a gateway on the IPv4 loopback every address of 127.0.0.0/8 is at hand; to any other gateway connections are made as usual.
/// </summary>
internal static class OwnAddress
{
    /// <summary>Lets a handler connect as one person.</summary>
    public static SocketsHttpHandler FromOwnAddress(this SocketsHttpHandler handler, Uri gateway)
    {
        if (!IsLoopback(gateway))
            return handler;
        var own = new IPAddress([127, (byte)RandomNumberGenerator.GetInt32(16, 255), (byte)RandomNumberGenerator.GetInt32(256), (byte)RandomNumberGenerator.GetInt32(1, 255)]);
        handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(own, context.DnsEndPoint.Port, cancellationToken);
        return handler;
    }

    private static bool IsLoopback(Uri gateway) =>
        gateway.Host == "localhost" || (IPAddress.TryParse(gateway.Host, out var address) && address.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(address));

    private static async ValueTask<Stream> ConnectAsync(IPAddress own, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Not everywhere has the loopback more than one address.
            if (OperatingSystem.IsLinux())
                socket.Bind(new IPEndPoint(own, 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
