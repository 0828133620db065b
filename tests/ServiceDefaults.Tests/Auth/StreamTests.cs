using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Auth;

/// <summary>A WebSocket and a stream of server-sent events live no longer than the token they were opened with.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private readonly Guid _person = Guid.CreateVersion7();
    private Issuer _issuer = null!;
    private WebApplication _service = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await Issuer.StartAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Auth:KeySetAddress"] = _issuer.KeySetAddress;
        builder.Configuration["Auth:PollInterval"] = "00:00:00.2";
        builder.AddServiceDefaults("probe");
        _service = builder.Build();
        _service.UseServiceDefaults();
        _service.UseWebSockets();
        _service.MapGet("/hubs/echo", EchoAsync).RequireSignedIn();
        _service.MapGet("/events", (CancellationToken ended) => TypedResults.ServerSentEvents(TickAsync(ended))).RequireSignedIn();
        _service.MapGet("/plain", () => "here").RequireSignedIn();
        await _service.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_revoked_token_closes_what_is_open_under_it_and_nothing_else()
    {
        var other = Guid.CreateVersion7();
        await using var socket = await Stream.SocketAsync(Address, _issuer.Mint(_person));
        await using var events = await Stream.EventsAsync(Address, _issuer.Mint(_person));
        await using var othersSocket = await Stream.SocketAsync(Address, _issuer.Mint(other));
        await using var othersEvents = await Stream.EventsAsync(Address, _issuer.Mint(other));
        Open.ShouldBe(4);

        _issuer.Revoke(_person);
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => socket.HasEnded && events.HasEnded, "both to be closed");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        // A client may hear of the end before its request is over on the server.
        await Eventually.TrueAsync(() => Open == 2, "both to be forgotten");
        (othersSocket.HasEnded || othersEvents.HasEnded).ShouldBeFalse();
        await othersSocket.HearsAsync();
        await othersEvents.HearsAsync();
    }

    [Fact]
    public async Task An_expired_token_closes_what_is_open_under_it()
    {
        await using var socket = await Stream.SocketAsync(Address, _issuer.Mint(_person, TimeSpan.FromSeconds(3)));
        await using var events = await Stream.EventsAsync(Address, _issuer.Mint(_person, TimeSpan.FromSeconds(3)));
        await using var longer = await Stream.SocketAsync(Address, _issuer.Mint(_person));
        await Eventually.TrueAsync(() => socket.HasEnded && events.HasEnded, "both to be closed");
        await longer.HearsAsync();
    }

    [Fact]
    public async Task A_withdrawn_key_closes_what_was_opened_with_it()
    {
        await using var socket = await Stream.SocketAsync(Address, _issuer.Mint(_person));
        _issuer.ReplaceKey();
        await using var fresh = await Stream.SocketAsync(Address, _issuer.Mint(_person));
        await Eventually.TrueAsync(() => socket.HasEnded, "the old one to be closed");
        await fresh.HearsAsync();
    }

    [Fact]
    public async Task What_is_no_stream_is_not_watched_and_what_ended_is_forgotten()
    {
        using var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _issuer.Mint(_person));
        (await http.GetStringAsync("/plain", TestContext.Current.CancellationToken)).ShouldBe("here");
        Open.ShouldBe(0);
        await (await Stream.SocketAsync(Address, _issuer.Mint(_person))).DisposeAsync();
        await (await Stream.EventsAsync(Address, _issuer.Mint(_person))).DisposeAsync();
        await Eventually.TrueAsync(() => Open == 0, "both to be forgotten");
    }

    private Uri Address => new(_service.Urls.First());

    private int Open => _service.Services.GetRequiredService<OpenStreams>().Count;

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[64];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
    }

    private static async IAsyncEnumerable<string> TickAsync([EnumeratorCancellation] CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
            yield return "tick";
        while (await timer.WaitForNextTickAsync(ended));
    }

    /// <summary>One open connection, as a client sees it.</summary>
    private sealed class Stream(Func<Task> hearAsync, Action close) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _leaving = new();
        private Task _listening = Task.CompletedTask;
        private int _heard;

        public bool HasEnded => _listening.IsCompleted;

        public static async Task<Stream> SocketAsync(Uri service, string token)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(new UriBuilder(service) { Scheme = "ws", Path = "/hubs/echo", Query = "access_token=" + token }.Uri, CancellationToken.None);
            var buffer = new byte[64];
            return await OpenAsync(new(
                async () =>
                {
                    await socket.SendAsync("echo"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    await socket.ReceiveAsync(buffer, CancellationToken.None);
                },
                socket.Abort));
        }

        public static async Task<Stream> EventsAsync(Uri service, string token)
        {
            var http = new HttpClient { BaseAddress = service };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
            var reader = new StreamReader(await http.GetStreamAsync("/events"));
            return await OpenAsync(new(async () => _ = await reader.ReadLineAsync() ?? throw new IOException("The end."), () =>
            {
                reader.Dispose();
                http.Dispose();
            }));
        }

        /// <summary>Waits for something more.</summary>
        public Task HearsAsync()
        {
            var before = Volatile.Read(ref _heard);
            return Eventually.TrueAsync(() => Volatile.Read(ref _heard) > before, "something more");
        }

        public async ValueTask DisposeAsync()
        {
            await _leaving.CancelAsync();
            close();
            await _listening;
            _leaving.Dispose();
        }

        private static async Task<Stream> OpenAsync(Stream stream)
        {
            stream._listening = stream.ListenAsync();
            await stream.HearsAsync();
            return stream;
        }

        private async Task ListenAsync()
        {
            try
            {
                while (!_leaving.IsCancellationRequested)
                {
                    await hearAsync();
                    Interlocked.Increment(ref _heard);
                }
            }
            catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
            {
                return;
            }
        }
    }
}
