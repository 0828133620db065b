using System.Net;
using System.Net.Sockets;

namespace TalentSphere.TestKit;

/// <summary>A place on the loopback for a process of a test's own.</summary>
public static class FreePort
{
    /// <summary>A port that nobody listens on, below the range that outgoing connections take theirs from: one of those could have it before the process does.</summary>
    public static int Find()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 20_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's.
            }
        }
    }
}
