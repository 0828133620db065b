using System.Net;
using System.Net.Sockets;

namespace TalentSphere.Benchmarks;

/// <summary>A place for a process of the benchmark's own.</summary>
internal static class FreePort
{
    /// <summary>A port that nobody listens on at the moment.</summary>
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
