using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TalentSphere.Gateway.Tests.Raw;

/// <summary>
/// A service that keeps what it is sent to the byte, and takes whatever follows a request for another one. It answers <c>200</c> and <c>ok</c>; a path that ends with
/// <c>flood</c> is answered without end, one with <c>events</c> by server-sent events, the second once the test lets it go, one with <c>garbage</c> by no HTTP at all.
/// </summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly SemaphoreSlim _go = new(0);
    private readonly Task _accepting;
    private int _open;

    public RawUpstream()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How many answers without end are being written.</summary>
    public int Floods => Volatile.Read(ref _open);

    /// <summary>Every request whose head has a word in it, in the order of their arrival. A body that did not arrive in full is null.</summary>
    public IReadOnlyList<RawRequest> RequestsWith(string word) => [.. _requests.Where(r => r.Head.Contains(word, StringComparison.Ordinal))];

    /// <summary>Lets one second event go.</summary>
    // For the one that a test before has left waiting, too.
    public void Go() => _go.Release(2);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
        _go.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception e) when (_end.IsCancellationRequested && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReadAsync(stream) is { } request)
                    await AnswerAsync(stream, request.Line.Split(' ')[1]);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The gateway has enough of this connection, or the test of all.
                return;
            }
        }
    }

    private async Task<RawRequest?> ReadAsync(NetworkStream stream)
    {
        var head = await LineAsync(stream);
        if (head.Length == 0)
            return null;
        string line;
        while ((line = await LineAsync(stream)).Length > 0 && line != "\r\n")
            head += line;
        var request = new RawRequest(head);
        _requests.Enqueue(request);
        request.Body = request.Header("transfer-encoding") is not null ? await ChunksAsync(stream)
            : request.Header("content-length") is { } length ? await BytesAsync(stream, int.Parse(length, CultureInfo.InvariantCulture)) : "";
        return request;
    }

    private async Task AnswerAsync(NetworkStream stream, string path)
    {
        switch (path.Split('/')[^1])
        {
            case "flood":
                Interlocked.Increment(ref _open);
                try
                {
                    await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1073741824\r\n\r\n");
                    while (true)
                        await stream.WriteAsync(new byte[64 * 1024], _end.Token);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            case "events":
                await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk("data: first\n\n"));
                await _go.WaitAsync(_end.Token);
                await WriteAsync(stream, Chunk("data: second\n\n"));
                return;
            case "garbage":
                await WriteAsync(stream, "SSH-2.0-not-http\r\n");
                throw new IOException("Nothing more to say.");
            default:
                await WriteAsync(stream, "HTTP/1.1 200 OK\r\nX-Said: \u00fc\r\nContent-Length: 2\r\n\r\nok");
                return;
        }
    }

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";

    private async Task WriteAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), _end.Token);

    private async Task<string> ChunksAsync(NetworkStream stream)
    {
        var body = "";
        while (true)
        {
            var size = int.Parse((await LineAsync(stream)).TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body += await BytesAsync(stream, size);
            await LineAsync(stream);
            if (size == 0)
                return body;
        }
    }

    private async Task<string> BytesAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, _end.Token);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>With its end; empty at the end of the connection.</summary>
    private async Task<string> LineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while ((line.Length == 0 || line[^1] != '\n') && await stream.ReadAsync(one, _end.Token) > 0)
            line.Append((char)one[0]);
        return line.ToString();
    }
}

/// <summary>A request as its bytes say.</summary>
internal sealed record RawRequest(string Head)
{
    /// <summary>Null until it arrived in full.</summary>
    public string? Body { get; set; }

    public string Line => Head.Split("\r\n")[0];

    public IReadOnlyList<string> Names => [.. Head.Split("\r\n").Skip(1).Where(l => l.Contains(':', StringComparison.Ordinal)).Select(l => l.Split(':')[0].ToLowerInvariant())];

    public string? Header(string name) => Head.Split("\r\n").Skip(1)
        .FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
