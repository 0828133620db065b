using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.ServiceDefaults.Caching;

/// <summary>
/// The process' one connection to Redis (<c>ConnectionStrings:redis</c>). Made on first use, kept, and repaired by itself; use its
/// asynchronous commands only. Keys are <c>{service}:{entity}:{id}</c>, each with a time to live.
/// </summary>
public sealed class Redis(IConfiguration configuration) : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectAsync(configuration.GetConnectionString("redis")));

    /// <summary>Commands.</summary>
    /// <exception cref="RedisConnectionException">Thrown by a command while the server is away.</exception>
    public async Task<IDatabase> DatabaseAsync() => (await _connection.Value).GetDatabase();

    /// <summary>Publish and subscribe.</summary>
    public async Task<ISubscriber> SubscriberAsync() => (await _connection.Value).GetSubscriber();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated && _connection.Value.IsCompletedSuccessfully)
            await (await _connection.Value).CloseAsync();
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            throw new InvalidOperationException("ConnectionStrings:redis is not set.");
        var options = ConfigurationOptions.Parse(connectionString);
        // The server may come later than we do, and go away in between.
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        options.SyncTimeout = 2000;
        options.KeepAlive = 15;
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}

/// <summary>Registers <see cref="Redis"/>.</summary>
public static class RedisExtensions
{
    /// <summary>Adds the connection and its check (<c>redis</c>).</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="required">False: the service does without it for a while and reports degraded.</param>
    public static void AddRedis(this IHostApplicationBuilder builder, bool required = false)
    {
        builder.Services.AddSingleton<Redis>();
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "redis", s => new RedisHealthCheck(s.GetRequiredService<Redis>()), required ? HealthStatus.Unhealthy : HealthStatus.Degraded,
            [HealthTags.Ready], TimeSpan.FromSeconds(2)));
    }
}

/// <summary>Answers once Redis does.</summary>
internal sealed class RedisHealthCheck(Redis redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await (await redis.DatabaseAsync().WaitAsync(cancellationToken)).PingAsync().WaitAsync(cancellationToken);
        return HealthCheckResult.Healthy();
    }
}
