using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using TalentSphere.AppHost;

namespace TalentSphere.TestKit;

/// <summary>
/// A real PostgreSQL, Redis and RabbitMQ. <c>./mesh test</c> starts them once and hands their addresses to every test assembly in
/// <c>TALENTSPHERE_TEST_*</c>; an assembly that runs alone starts its own.
/// </summary>
/// <param name="Postgres">An administrator's connection string (Npgsql).</param>
/// <param name="Redis">A StackExchange.Redis connection string.</param>
/// <param name="RabbitMq">An <c>amqp://</c> address.</param>
public sealed record TestServers(string Postgres, string Redis, string RabbitMq)
{
    private const string _prefix = "TALENTSPHERE_TEST_";

    private static PosixSignalRegistration? _terminated;

    private static readonly Lazy<Task<TestServers>> _shared = new(() => FromEnvironment() is { } given ? Task.FromResult(given) : StartOwnAsync());

    /// <summary>The servers of this test run.</summary>
    public static Task<TestServers> GetAsync() => _shared.Value;

    /// <summary>As environment variables for other processes.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToEnvironment() =>
        [new(_prefix + "POSTGRES", Postgres), new(_prefix + "REDIS", Redis), new(_prefix + "RABBITMQ", RabbitMq)];

    /// <summary>Starts servers of one's own in a temporary directory; they end with this process, however it ends.</summary>
    public static async Task<TestServers> StartOwnAsync()
    {
        var state = Directory.CreateTempSubdirectory("talentsphere-test-").FullName;
        var builder = DistributedApplication.CreateBuilder(
            ["--Mesh:StateDirectory=" + state, "--Mesh:Ephemeral=true", "--Mesh:Dashboard=off"]);
        var postgres = builder.AddPostgresServer("postgres");
        var redis = builder.AddRedisServer("redis");
        var rabbitmq = builder.AddRabbitMqServer("rabbitmq");
        var app = builder.Build();
        var stopping = new Lazy<Task>(() => StopAsync(app, state));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => stopping.Value.Wait(TimeSpan.FromSeconds(15));
        // SIGTERM ends a process without that event.
        _terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => stopping.Value.Wait(TimeSpan.FromSeconds(15)));
        await app.StartAsync();
        foreach (var name in (string[])["postgres", "redis", "rabbitmq"])
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name).WaitAsync(TimeSpan.FromMinutes(2));
        return new(await TextOf(postgres), await TextOf(redis), await TextOf(rabbitmq));
    }

    private static async Task StopAsync(DistributedApplication app, string state)
    {
        await app.StopAsync();
        await app.DisposeAsync();
        if (Directory.Exists(state))
            Directory.Delete(state, recursive: true);
    }

    private static async Task<string> TextOf<T>(IResourceBuilder<T> resource)
        where T : IResourceWithConnectionString =>
        await resource.Resource.ConnectionStringExpression.GetValueAsync(default) ?? throw new InvalidOperationException($"{resource.Resource.Name} has no address.");

    private static TestServers? FromEnvironment() =>
        Environment.GetEnvironmentVariable(_prefix + "POSTGRES") is { Length: > 0 } postgres
            ? new(postgres, Environment.GetEnvironmentVariable(_prefix + "REDIS")!, Environment.GetEnvironmentVariable(_prefix + "RABBITMQ")!)
            : null;
}
