using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using TalentSphere.AppHost;

namespace TalentSphere.TestKit;

/// <summary>
/// A real PostgreSQL, Redis and RabbitMQ. <c>./mesh test</c> starts PostgreSQL and Redis once and hands their addresses to every test assembly in
/// <c>TALENTSPHERE_TEST_*</c>; an assembly that runs alone starts its own. A broker is each assembly's own: queues are named after services, and what one
/// assembly makes up must not reach the service that another one tests.
/// </summary>
/// <param name="Postgres">An administrator's connection string (Npgsql).</param>
/// <param name="Redis">A StackExchange.Redis connection string.</param>
/// <param name="RabbitMq">An <c>amqp://</c> address.</param>
public sealed record TestServers(string Postgres, string Redis, string RabbitMq)
{
    private const string _prefix = "TALENTSPHERE_TEST_";

    private static PosixSignalRegistration? _terminated;

    private static readonly Lazy<Task<TestServers>> _own = new(async () =>
    {
        if (Environment.GetEnvironmentVariable(_prefix + "POSTGRES") is not { Length: > 0 } postgres)
            return await StartAsync("postgres", "redis", "rabbitmq");
        var broker = await StartAsync("rabbitmq");
        return broker with { Postgres = postgres, Redis = Environment.GetEnvironmentVariable(_prefix + "REDIS")! };
    });

    /// <summary>The servers of this test assembly.</summary>
    public static Task<TestServers> GetAsync() => _own.Value;

    /// <summary>What assemblies can share, as environment variables for their processes.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToEnvironment() => [new(_prefix + "POSTGRES", Postgres), new(_prefix + "REDIS", Redis)];

    /// <summary>Starts servers in a temporary directory; they end with this process, however it ends. The addresses of the others stay empty.</summary>
    /// <param name="names">Of <c>postgres</c>, <c>redis</c>, <c>rabbitmq</c>.</param>
    public static async Task<TestServers> StartAsync(params string[] names)
    {
        var state = Directory.CreateTempSubdirectory("talentsphere-test-").FullName;
        var builder = DistributedApplication.CreateBuilder(
            ["--Mesh:StateDirectory=" + state, "--Mesh:Ephemeral=true", "--Mesh:Dashboard=off"]);
        IResourceWithConnectionString?[] servers =
        [
            names.Contains("postgres") ? builder.AddPostgresServer("postgres").Resource : null,
            names.Contains("redis") ? builder.AddRedisServer("redis").Resource : null,
            names.Contains("rabbitmq") ? builder.AddRabbitMqServer("rabbitmq").Resource : null,
        ];
        var app = builder.Build();
        var stopping = new Lazy<Task>(() => StopAsync(app, state));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => stopping.Value.Wait(TimeSpan.FromSeconds(15));
        // SIGTERM ends a process without that event.
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => stopping.Value.Wait(TimeSpan.FromSeconds(15)));
        await app.StartAsync();
        foreach (var name in names)
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name).WaitAsync(TimeSpan.FromMinutes(2));
        var addresses = await Task.WhenAll(servers.Select(AddressAsync));
        return new(addresses[0], addresses[1], addresses[2]);
    }

    private static async Task StopAsync(DistributedApplication app, string state)
    {
        await app.StopAsync();
        await app.DisposeAsync();
        if (Directory.Exists(state))
            Directory.Delete(state, recursive: true);
    }

    private static async Task<string> AddressAsync(IResourceWithConnectionString? server) =>
        server is null ? "" : await server.ConnectionStringExpression.GetValueAsync(default) ?? throw new InvalidOperationException($"{server.Name} has no address.");
}
