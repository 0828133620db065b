using System.Security.Cryptography;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>The servers, and starts of what stands in front of and behind the gateway as the mesh starts them; all of it ends with this object.</summary>
internal sealed class EdgeParts : IAsyncDisposable
{
    private readonly List<ServiceProcess> _started = [];
    private readonly TestServers _servers;
    private readonly string _keySetAddress;

    private EdgeParts(TestServers servers, string keySetAddress) => (_servers, _keySetAddress) = (servers, keySetAddress);

    /// <summary>Configurations, output and access logs; gone at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("talentsphere-bench-").FullName;

    /// <summary>A token of somebody who has an account and has done nothing yet. It outlives every benchmark.</summary>
    public string Token { get; } = TestTokens.Mint(Guid.CreateVersion7(), ["jobseeker"], TimeSpan.FromHours(2));

    public static async Task<EdgeParts> StartAsync() => new(await TestServers.GetAsync(), await TestTokens.KeySetAddressAsync());

    /// <summary>The leanest upstream.</summary>
    public async Task<ServiceProcess> StartLeanUpstreamAsync() =>
        Keep(await Nginx.StartUpstreamAsync($$"""{"success":true,"data":"{{RandomNumberGenerator.GetHexString(980, lowercase: true)}}"}""", Folder));

    /// <summary>Bare nginx in front of the same.</summary>
    public async Task<ServiceProcess> StartNginxAsync(Uri upstream, string readyPath) => Keep(await Nginx.StartProxyAsync(upstream, Folder, readyPath));

    /// <summary>A service of the mesh.</summary>
    public async Task<ServiceProcess> StartGamificationAsync(string database) =>
        Keep(await ServiceProcess.StartServiceAsync("Services/Gamification", new Dictionary<string, string>(Tokens())
        {
            ["ConnectionStrings__gamification"] = database,
            ["ConnectionStrings__redis"] = _servers.Redis,
            ["ConnectionStrings__rabbitmq"] = _servers.RabbitMq,
            ["Database__MigrateOnStart"] = "true",
        }, Folder));

    /// <summary>A replica of the gateway, with everything on, in front of replicas of gamification.</summary>
    public async Task<ServiceProcess> StartGatewayAsync(string database, params ServiceProcess[] gamification)
    {
        var environment = new Dictionary<string, string>(Tokens())
        {
            ["ConnectionStrings__gateway"] = database,
            ["ConnectionStrings__redis"] = _servers.Redis,
            ["ConnectionStrings__rabbitmq"] = _servers.RabbitMq,
            ["Database__MigrateOnStart"] = "true",
            // The whole machinery of limits at work, and nobody refused.
            ["Limits__Profile"] = "load",
        };
        for (var i = 0; i < gamification.Length; i++)
            environment[$"services__gamification__http__{i}"] = gamification[i].Address.GetLeftPart(UriPartial.Authority);
        return Keep(await ServiceProcess.StartServiceAsync("Gateway", environment, Folder));
    }

    public async ValueTask DisposeAsync()
    {
        _started.Reverse();
        foreach (var process in _started)
            await process.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private Dictionary<string, string> Tokens() => new()
    {
        ["Auth__Issuer"] = TestTokens.Issuer,
        ["Auth__Audience"] = TestTokens.Audience,
        ["Auth__KeySetAddress"] = _keySetAddress,
    };

    private ServiceProcess Keep(ServiceProcess process)
    {
        _started.Add(process);
        return process;
    }
}
