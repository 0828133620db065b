using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace TalentSphere.TestKit;

/// <summary>
/// One service as it runs in the mesh: its own Kestrel port, a fresh database, the real broker and cache, tokens checked for real.
/// Derive a class per test assembly and make it the assembly's fixture.
/// </summary>
/// <typeparam name="TProgram">The service's <c>Program</c>.</typeparam>
/// <param name="name">The service's name in the mesh.</param>
public class TestService<TProgram>(string name) : WebApplicationFactory<TProgram>, IAsyncLifetime
    where TProgram : class
{
    private readonly Dictionary<string, string?> _settings = new();
    private TestDatabase? _database;

    /// <summary>The service's database, for a look behind the routes.</summary>
    public string ConnectionString => _database!.ConnectionString;

    /// <summary>The service's address.</summary>
    public Uri Address => ClientOptions.BaseAddress;

    /// <summary>Sees and publishes events as any client of the broker does.</summary>
    public EventTap Events { get; private set; } = null!;

    /// <summary>More configuration; set it in the derived constructor.</summary>
    protected IDictionary<string, string?> Settings => _settings;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        var servers = await ServersAsync();
        _database = await TestDatabase.CreateAsync(name);
        _settings[$"ConnectionStrings:{name}"] = await PrepareAsync(_database.ConnectionString);
        _settings["ConnectionStrings:redis"] = servers.Redis;
        _settings["ConnectionStrings:rabbitmq"] = servers.RabbitMq;
        _settings.TryAdd("Auth:Issuer", TestTokens.Issuer);
        _settings.TryAdd("Auth:Audience", TestTokens.Audience);
        _settings.TryAdd("Auth:KeySetAddress", await TestTokens.KeySetAddressAsync());
        _settings.TryAdd("Database:MigrateOnStart", "true");
        _settings.TryAdd("SampleContent:Load", "false");
        Events = await EventTap.OpenAsync(servers.RabbitMq);
        UseKestrel(0);
        StartServer();
        var client = Anonymous();
        await Eventually.SeesAsync(async () => (int)(await client.GetAsync("/ready")).StatusCode, s => s == 200, $"{name} to be ready", TimeSpan.FromMinutes(3));
        // Ready means degraded at worst; a test that publishes needs the queue to be there.
        await Eventually.SeesAsync(async () => await client.GetStringAsync("/ready"), s => s.Contains("\"status\":\"ok\""), $"{name} to reach the broker", TimeSpan.FromMinutes(3));
    }

    /// <summary>A client that is not signed in.</summary>
    public HttpClient Anonymous() => CreateClient();

    /// <summary>A client that is signed in.</summary>
    public HttpClient SignedIn(Guid userId, params string[] roles)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Mint(userId, roles));
        return client;
    }

    /// <summary>Runs <paramref name="work"/> with a scoped service of the running process.</summary>
    public async Task<T> WithAsync<TService, T>(Func<TService, Task<T>> work)
        where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Events.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The servers it runs on: the assembly's, unless it must be alone on some.</summary>
    protected virtual Task<TestServers> ServersAsync() => TestServers.GetAsync();

    /// <summary>What happens to the fresh database before the service finds it.</summary>
    /// <returns>The connection string that the service gets.</returns>
    protected virtual Task<string> PrepareAsync(string connectionString) => Task.FromResult(connectionString);

    /// <inheritdoc/>
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
    }
}
