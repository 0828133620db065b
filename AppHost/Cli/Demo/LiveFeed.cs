using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Demo;

/// <summary>
/// Listens to a hub over a WebSocket: SignalR's JSON protocol, as far as a listener needs it (a handshake,
/// records that end in 0x1E, type 1 calls, type 6 pings, type 7 closes). A connection that breaks is opened again; what was pushed
/// meanwhile can be read over HTTP and nowhere else.
/// </summary>
internal sealed class LiveFeed : IAsyncDisposable
{
    private const byte _end = 0x1E;

    private static readonly byte[] _handshake = [.. """{"protocol":"json","version":1}"""u8, _end];
    private static readonly byte[] _ping = [.. """{"type":6}"""u8, _end];
    private static readonly TimeSpan _pingEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    private readonly Uri _hub;
    private readonly string _target;
    private readonly string _token;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<JsonNode> _heard = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;

    private LiveFeed(Uri gateway, string path, string target, string token)
    {
        _hub = new UriBuilder(gateway) { Scheme = gateway.Scheme == "https" ? "wss" : "ws", Path = path }.Uri;
        _target = target;
        _token = token;
    }

    /// <summary>What every call so far brought, in order.</summary>
    public IReadOnlyList<JsonNode> Heard => [.. _heard];

    /// <summary>How often an open connection broke.</summary>
    public int Breaks { get; private set; }

    /// <summary>
    /// Opens the hub at <paramref name="path"/>, listens to its calls of <paramref name="target"/>, and returns once the server took the handshake.
    /// </summary>
    public static async Task<LiveFeed> OpenAsync(Uri gateway, string path, string target, string token, CancellationToken cancellationToken)
    {
        var feed = new LiveFeed(gateway, path, target, token);
        feed._run = Task.Run(feed.RunAsync, CancellationToken.None);
        try
        {
            await feed._open.Task.WaitAsync(StoryClient.Patience, cancellationToken);
            return feed;
        }
        catch (TimeoutException)
        {
            await feed.DisposeAsync();
            throw new StoryException($"The hub {feed._hub} could not be opened within {StoryClient.Patience.TotalSeconds:0} s.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
                socket.Options.SetRequestHeader("Authorization", $"Bearer {_token}");
                using var http = new HttpMessageInvoker(GatewayHttp.Handler());
                await socket.ConnectAsync(_hub, http, _stop.Token);
                await socket.SendAsync(_handshake, WebSocketMessageType.Text, true, _stop.Token);
                await ListenAsync(socket);
                Breaks++;
            }
            catch (Exception e) when (e is WebSocketException or IOException or HttpRequestException)
            {
                if (_open.Task.IsCompleted)
                    Breaks++;
                await Task.Delay(_pause, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(ClientWebSocket socket)
    {
        using var pings = new PeriodicTimer(_pingEvery);
        var pinging = PingAsync(socket, pings);
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (await socket.ReceiveAsync(buffer.GetMemory(4096), _stop.Token) is { MessageType: not WebSocketMessageType.Close } part)
        {
            buffer.Advance(part.Count);
            if (!part.EndOfMessage)
                continue;
            var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
            foreach (var record in text.Split((char)_end, StringSplitOptions.RemoveEmptyEntries))
                Take(JsonNode.Parse(record)!);
        }
        pings.Dispose();
        await pinging;
    }

    private void Take(JsonNode message)
    {
        // The answer to the handshake has no type: an empty object, or one with an error.
        if (message["type"] is null && message["error"] is null)
            _open.TrySetResult();
        else if (message["error"]?.GetValue<string>() is { } error)
            throw new WebSocketException(WebSocketError.NotAWebSocket, error);
        else if (message["type"]?.GetValue<int>() == 1 && message["target"]?.GetValue<string>() == _target)
            _heard.Enqueue(message["arguments"]![0]!);
    }

    private async Task PingAsync(ClientWebSocket socket, PeriodicTimer pings)
    {
        try
        {
            while (await pings.WaitForNextTickAsync(_stop.Token))
                await socket.SendAsync(_ping, WebSocketMessageType.Text, true, _stop.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reading side sees the same end and deals with it.
            return;
        }
    }
}
