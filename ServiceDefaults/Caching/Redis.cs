using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Health;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Caching;

/// <summary>
/// The process' one connection to Redis (<c>ConnectionStrings:redis</c>). Made on first use, kept, and repaired by itself; use its
/// asynchronous commands only. Keys are <c>{service}:{entity}:{id}</c>, each with a time to live. When another address or password is configured, a connection
/// with it takes the place of the old one as soon as the server takes it.
/// </summary>
public sealed partial class Redis : IAsyncDisposable
{
    // The commands under way on a connection that is replaced end long before.
    private static readonly TimeSpan _retirement = TimeSpan.FromSeconds(5);
    private readonly IConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly ILogger<Redis> _logger;
    private readonly IDisposable _watch;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<ConnectionMultiplexer>? _connection;
    private string? _connectionString;
    private TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _replacement = Task.CompletedTask;

    /// <summary>Connects to nothing yet.</summary>
    public Redis(IConfiguration configuration, TimeProvider time, ILogger<Redis> logger)
    {
        (_configuration, _time, _logger) = (configuration, time, logger);
        _watch = ChangeToken.OnChange(configuration.GetReloadToken, Replace);
    }

    /// <summary>Ends when another connection has taken the place of the present one: what was subscribed to on it has to be subscribed to again.</summary>
    public Task Replaced
    {
        get
        {
            lock (_gate)
            {
                return _replaced.Task;
            }
        }
    }

    /// <summary>Whether a command or script failed because the server is away, or not itself at the moment (loading, out of memory, without a script).</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException;

    /// <summary>Commands.</summary>
    /// <exception cref="RedisConnectionException">Thrown by a command while the server is away.</exception>
    public async Task<IDatabase> DatabaseAsync() => (await ConnectionAsync()).GetDatabase();

    /// <summary>Publish and subscribe.</summary>
    public async Task<ISubscriber> SubscriberAsync() => (await ConnectionAsync()).GetSubscriber();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await _disposed.CancelAsync();
        await _replacement.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is { IsCompletedSuccessfully: true })
            await (await _connection).CloseAsync();
        _disposed.Dispose();
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

    private Task<ConnectionMultiplexer> ConnectionAsync()
    {
        lock (_gate)
        {
            return _connection ??= ConnectAsync(_connectionString = _configuration.GetConnectionString("redis"));
        }
    }

    private void Replace()
    {
        lock (_gate)
        {
            // Not used yet, the same as before, or being replaced: that one looks at what is configured once more.
            if (_connection is not null && _replacement.IsCompleted && _configuration.GetConnectionString("redis") != _connectionString)
                _replacement = Task.Run(() => ReplaceAsync(_disposed.Token));
        }
    }

    private async Task ReplaceAsync(CancellationToken disposed)
    {
        var pause = new GrowingPause(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), _time);
        while (_configuration.GetConnectionString("redis") is { } configured && configured != _connectionString)
        {
            if (await TryAsync(configured, disposed) is not { } candidate)
            {
                await pause.WaitAsync(disposed);
                continue;
            }
            Task<ConnectionMultiplexer> old;
            TaskCompletionSource replaced;
            lock (_gate)
            {
                (old, _connection, _connectionString) = (_connection!, Task.FromResult(candidate), configured);
                (replaced, _replaced) = (_replaced, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            replaced.SetResult();
            await Task.Delay(_retirement, _time, disposed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await (await old).CloseAsync();
        }
    }

    /// <returns>A connection that answered; null when the server does not take what is configured yet, or is not there.</returns>
    private async Task<ConnectionMultiplexer?> TryAsync(string configured, CancellationToken disposed)
    {
        ConnectionMultiplexer? candidate = null;
        try
        {
            candidate = await ConnectAsync(configured).WaitAsync(disposed);
            await candidate.GetDatabase().PingAsync().WaitAsync(disposed);
            return candidate;
        }
        catch (Exception e) when (!disposed.IsCancellationRequested)
        {
            NotTaken(_logger, e.GetType().Name);
            if (candidate is not null)
                await candidate.CloseAsync();
            return null;
        }
    }

    // Not what the exception says: it may quote the connection string.
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not take the connection that is configured now ({Fault}); the one before stays in use")]
    private static partial void NotTaken(ILogger logger, string fault);
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
