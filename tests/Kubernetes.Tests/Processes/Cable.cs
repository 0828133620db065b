using System.Net;
using System.Net.Sockets;

namespace TalentSphere.Kubernetes.Tests.Processes;

/// <summary>The connection to a server, to be pulled out and put back.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HashSet<TcpClient> _open = [];
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private bool _out;

    public Cable(string host, int port)
    {
        _server = new(host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host), port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where the other end is, on the loopback.</summary>
    public int Port { get; }

    /// <summary>Every connection ends, and new ones end at once.</summary>
    public void PullOut()
    {
        lock (_open)
        {
            _out = true;
            foreach (var client in _open)
                client.Close();
            _open.Clear();
        }
    }

    public void PutBack()
    {
        lock (_open)
        {
            _out = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        PullOut();
        _listener.Stop();
        await _accepting;
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Pulled out.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener is stopped.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            lock (_open)
            {
                if (_out)
                    return;
                _open.Add(client);
                _open.Add(server);
            }
            try
            {
                await server.ConnectAsync(_server);
                var (near, far) = (client.GetStream(), server.GetStream());
                await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Pulled out while it was being connected.
            }
            finally
            {
                lock (_open)
                {
                    _open.Remove(client);
                    _open.Remove(server);
                }
            }
        }
    }
}
