using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace TalentSphere.TestKit;

/// <summary>A client of the hub that speaks SignalR's JSON protocol over a plain WebSocket, as one in any language would.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private const char _end = '\u001e';

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentQueue<JsonNode> _received = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>Every notification pushed so far.</summary>
    public IReadOnlyList<JsonNode> Notifications => Of("notification");

    /// <summary>Every count pushed so far.</summary>
    public IReadOnlyList<int> Counts => [.. Of("unreadCount").Select(c => c.GetValue<int>())];

    /// <summary>Answers to what this client asked for, and the farewell.</summary>
    public IReadOnlyList<JsonNode> Others => [.. _received.Where(m => m["type"]!.GetValue<int>() is not 1 and not 6)];

    /// <summary>True once the server ended the connection.</summary>
    public bool IsClosed => _reading.IsCompleted;

    /// <summary>Opens a connection that hears.</summary>
    public static async Task<HubClient> OpenAsync(Uri service, string token, string hub = "/hubs/notifications")
    {
        var client = new HubClient();
        var address = new UriBuilder(service) { Scheme = "ws", Path = hub, Query = "access_token=" + token }.Uri;
        await client._socket.ConnectAsync(address, CancellationToken.None);
        await client.SendAsync("""{"protocol":"json","version":1}""");
        client._reading = client.ReadAsync();
        await Eventually.TrueAsync(() => client._handshaken, "the hub's handshake");
        return client;
    }

    /// <summary>Sends one message.</summary>
    public Task SendAsync(string message) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(message + _end), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Waits until this many notifications were pushed.</summary>
    public Task<IReadOnlyList<JsonNode>> HearsAsync(int count) =>
        Eventually.SeesAsync(() => Task.FromResult(Notifications), n => n.Count >= count, $"{count} pushed notifications");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private volatile bool _handshaken;

    /// <summary>What was pushed under a name so far.</summary>
    public IReadOnlyList<JsonNode> Of(string target) =>
        [.. _received.Where(m => m["type"]!.GetValue<int>() == 1 && m["target"]!.GetValue<string>() == target).Select(m => m["arguments"]![0]!)];

    private async Task ReadAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        var decoder = Encoding.UTF8.GetDecoder();
        var chars = new char[8192];
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                text.Append(chars, 0, decoder.GetChars(buffer, 0, part.Count, chars, 0));
                Take(text);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end of the connection, from either side.
            return;
        }
    }

    private void Take(StringBuilder text)
    {
        var messages = text.ToString().Split(_end);
        text.Clear().Append(messages[^1]);
        foreach (var message in messages.AsSpan(0, messages.Length - 1))
        {
            if (_handshaken)
                _received.Enqueue(JsonNode.Parse(message)!);
            else
                _handshaken = message == "{}" ? true : throw new InvalidOperationException("The hub refused the handshake: " + message);
        }
    }
}
