using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>What to do with a request.</summary>
/// <param name="path">What it asks for.</param>
/// <param name="stream">Where to answer, any bytes.</param>
/// <param name="ended">When the upstream ends.</param>
/// <returns>True when the connection may take another.</returns>
internal delegate Task<bool> RawAnswer(string path, Stream stream, CancellationToken ended);

/// <summary>
/// A server of bare sockets, which can do what no HTTP server would: say nothing, say nonsense, and die in the middle of it, all connections reset, as a process that is
/// killed. Request bodies are not read.
/// </summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly RawAnswer _answer;
    private readonly int _port = FreePort.Find();
    private readonly ConcurrentDictionary<string, int> _requests = new();
    private readonly ConcurrentDictionary<Socket, bool> _connections = new();
    private CancellationTokenSource _ended = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    private RawUpstream(RawAnswer answer) => _answer = answer;

    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>How many requests reached it, probes not counted.</summary>
    public int Requests => _requests.Where(r => r.Key != "/ready").Sum(r => r.Value);

    public static RawUpstream Start(RawAnswer answer)
    {
        var upstream = new RawUpstream(answer);
        upstream.Start();
        return upstream;
    }

    /// <summary>An answer with a body, as a service gives it.</summary>
    public static async Task<bool> WriteAsync(Stream stream, string body, string status = "200 OK")
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nx-correlation-id: raw\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        return true;
    }

    /// <summary>Starts, or starts again, on the same port.</summary>
    public void Start()
    {
        _ended = new();
        _listener = new(IPAddress.Loopback, _port);
        _listener.Start(1000);
        _accepting = AcceptAsync(_listener, _ended.Token);
    }

    /// <summary>Ends as a killed process does.</summary>
    public async Task KillAsync()
    {
        _listener!.Stop();
        foreach (var socket in _connections.Keys)
        {
            // Nothing is sent any more; the peer sees a reset.
            socket.LingerState = new(true, 0);
            socket.Close();
        }
        await _ended.CancelAsync();
        await _accepting;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _ended.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken ended)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await listener.AcceptSocketAsync(ended), ended));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken ended)
    {
        _connections[socket] = true;
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ReadPathAsync(stream, ended) is { } path)
            {
                _requests.AddOrUpdate(path, 1, (_, n) => n + 1);
                if (!await _answer(path, stream, ended))
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two hung up.
            return;
        }
        finally
        {
            _connections.TryRemove(socket, out _);
        }
    }

    private static async Task<string?> ReadPathAsync(Stream stream, CancellationToken ended)
    {
        var (head, buffer) = (new StringBuilder(), new byte[4096]);
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, ended);
            if (read == 0)
                return null;
            head.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        return head.ToString().Split(' ')[1].Split('?')[0];
    }
}
