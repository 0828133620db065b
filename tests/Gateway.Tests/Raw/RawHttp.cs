using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace TalentSphere.Gateway.Tests.Raw;

/// <summary>A connection that sends exactly the bytes it is given. Text is one character for each byte (Latin-1).</summary>
internal sealed partial class RawHttp : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Opens a connection.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="receiveBuffer">Bytes that the system takes in before the other side must wait; null for its own choice.</param>
    public static async Task<RawHttp> ConnectAsync(Uri server, int? receiveBuffer = null)
    {
        var connection = new RawHttp();
        if (receiveBuffer is { } bytes)
            connection._socket.ReceiveBufferSize = bytes;
        await connection._socket.ConnectAsync(server.Host, server.Port);
        return connection;
    }

    /// <summary>Sends and reads until the server closes.</summary>
    public static async Task<RawAnswers> ExchangeAsync(Uri server, string text)
    {
        await using var connection = await ConnectAsync(server);
        await connection.SendAsync(text);
        return await connection.ReadToEndAsync();
    }

    /// <summary>Sends, as far as the server takes it.</summary>
    public async Task SendAsync(string text)
    {
        try
        {
            for (ReadOnlyMemory<byte> rest = Encoding.Latin1.GetBytes(text); rest.Length > 0;)
                rest = rest[await _socket.SendAsync(rest)..];
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // Refused while it was being sent: the answer tells.
            return;
        }
    }

    /// <summary>Reads until what was read ends so.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        using var patience = new CancellationTokenSource(_patience);
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await _socket.ReceiveAsync(buffer, patience.Token) > 0)
            text.Append((char)buffer[0]);
        return text.ToString();
    }

    /// <summary>Reads until the server closes, in order or not.</summary>
    public async Task<RawAnswers> ReadToEndAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            while (await _socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            return new(text.ToString());
        }
        return new(text.ToString());
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What came back on one connection.</summary>
    internal sealed partial record RawAnswers(string Text)
    {
        /// <summary>The status of each answer, without those that only say to go on.</summary>
        public IReadOnlyList<int> Statuses => [.. StatusLine().Matches(Text).Select(m => int.Parse(m.Groups["status"].Value)).Where(s => s >= 200)];

        [GeneratedRegex(@"HTTP/1\.1 (?<status>\d{3})", RegexOptions.ExplicitCapture)]
        private static partial Regex StatusLine();
    }
}
