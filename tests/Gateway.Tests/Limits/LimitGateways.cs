using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using StackExchange.Redis;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>Two gateways under the limits that hold by default, on one Redis of their own, each on a cable that can be pulled out. Clients come from loopback addresses of their own.</summary>
public sealed class LimitGateways : IAsyncLifetime
{
    /// <summary>The network that the gateways take for proxies.</summary>
    public const string Proxies = "127.9.0.0/16";

    private static int _clients;
    private readonly LimitedGateway[] _gateways = new LimitedGateway[2];
    private ConnectionMultiplexer? _redis;

    public Cable[] Cables { get; } = new Cable[2];

    public Uri First => _gateways[0].Address;

    public IServiceProvider ServicesOfFirst => _gateways[0].Services;

    public Uri Second => _gateways[1].Address;

    public IDatabase Redis => _redis!.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        var connection = (await TestServers.StartAsync("redis")).Redis;
        _redis = await ConnectionMultiplexer.ConnectAsync(connection);
        for (var i = 0; i < _gateways.Length; i++)
        {
            Cables[i] = Cable.ToRedis(connection, out var through);
            _gateways[i] = new LimitedGateway(through);
        }
        await Task.WhenAll(_gateways.Select(g => g.InitializeAsync().AsTask()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways.OfType<LimitedGateway>())
            await gateway.DisposeAsync();
        foreach (var cable in Cables.OfType<Cable>())
            await cable.DisposeAsync();
        if (_redis is not null)
            await _redis.CloseAsync();
    }

    /// <summary>An address that no test has come from.</summary>
    public static IPAddress NewAddress()
    {
        var number = Interlocked.Increment(ref _clients);
        return new IPAddress([127, 8, (byte)(number >> 8), (byte)number]);
    }

    /// <summary>Calls from an address.</summary>
    public static HttpClient From(IPAddress address, Uri gateway, string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = gateway,
        };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Waits until no gateway holds a lease: what is not spent was given back.</summary>
    public Task UnleasedAsync() => Eventually.TrueAsync(
        async () =>
        {
            foreach (var key in _redis!.GetServer(_redis.GetEndPoints()[0]).Keys(pattern: "gateway:limit:*"))
            {
                if ((await Redis.HashGetAllAsync(key)).Any(f => f.Name.ToString() is ['l', ..] and not "level"))
                    return false;
            }
            return true;
        }, "all leases to be given back");

    /// <summary>Waits until both gateways know that Redis is away.</summary>
    public Task AloneAsync() => StandingAsync("degraded", TimeSpan.FromSeconds(20));

    /// <summary>Waits until both gateways share their limits again.</summary>
    public Task SharedAsync(TimeSpan patience) => StandingAsync("ok", patience);

    private Task StandingAsync(string status, TimeSpan patience) => Eventually.SeesAsync(
        async () => string.Concat(await Task.WhenAll(_gateways.Select(g => g.Anonymous().GetStringAsync("/ready")))),
        seen => seen.Split($"\"limits\":{{\"status\":\"{status}\"").Length == 3, $"the limits of both gateways to be {status}", patience);

    /// <summary>How many were not refused.</summary>
    public static async Task<int> CountPassedAsync(IEnumerable<Task<Answer>> requests) =>
        (await Task.WhenAll(requests)).Count(a => a.Status != HttpStatusCode.TooManyRequests);

    private sealed class LimitedGateway(string redis) : GatewayFixture
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("ConnectionStrings:redis", redis);
            builder.UseSetting("Limits:Profile", "default");
            builder.UseSetting("Limits:Replicas", "2");
            // A machine that runs other tests too is slow at times.
            builder.UseSetting("Limits:StoreTimeout", "00:00:03");
            builder.UseSetting("ReverseProxy:Clusters:lms:HttpRequest:ActivityTimeout", "00:00:20");
            builder.UseSetting("Proxies:Trusted", Proxies);
        }
    }
}
