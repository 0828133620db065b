using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace TalentSphere.TestKit;

/// <summary>The connection to a server, to be pulled out and put back, or to be silent for a while.</summary>
public sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _open = [];
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private bool _out;
    private volatile TaskCompletionSource _flow = Flowing();

    /// <summary>Leads to a server.</summary>
    public Cable(string host, int port)
    {
        _server = new(host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host), port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Leads to a Redis.</summary>
    /// <param name="connection">How to connect to it.</param>
    /// <param name="through">How to connect to it through the cable.</param>
    public static Cable ToRedis(string connection, out string through)
    {
        var options = ConfigurationOptions.Parse(connection);
        var cable = options.EndPoints[0] switch
        {
            IPEndPoint e => new Cable(e.Address.ToString(), e.Port),
            DnsEndPoint e => new Cable(e.Host, e.Port),
            var e => throw new InvalidOperationException($"Redis is at {e}."),
        };
        options.EndPoints.Clear();
        options.EndPoints.Add(IPAddress.Loopback, cable.Port);
        through = options.ToString(includePassword: true);
        return cable;
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

    /// <summary>The connection that was made last ends; others, and new ones, do not.</summary>
    public void PullOutLast()
    {
        lock (_open)
        {
            // Its two ends.
            foreach (var client in _open.TakeLast(2))
                client.Close();
        }
    }

    /// <summary>The connections stay, but nothing comes through.</summary>
    public void Silence() => _flow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Everything that was held back comes through.</summary>
    public void Resume() => _flow.TrySetResult();

    /// <summary>New connections are made again.</summary>
    public void PutBack()
    {
        lock (_open)
        {
            _out = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Resume();
        PullOut();
        _listener.Stop();
        await _accepting;
    }

    private static TaskCompletionSource Flowing()
    {
        var flow = new TaskCompletionSource();
        flow.SetResult();
        return flow;
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReadAsync(buffer) is > 0 and var read)
            {
                await _flow.Task;
                await to.WriteAsync(buffer.AsMemory(0, read));
            }
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
        catch (Exception e) when (e is SocketException or InvalidOperationException)
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
