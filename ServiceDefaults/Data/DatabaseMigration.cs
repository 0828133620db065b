using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Brings a service's schema up to date.</summary>
public interface IDatabaseMigration
{
    /// <summary>Completes when the schema is current; what needs tables awaits it first.</summary>
    Task Completed { get; }

    /// <summary>Applies what is missing, under a PostgreSQL advisory lock so that two replicas never race.</summary>
    Task ApplyAsync(CancellationToken cancellationToken);
}

/// <summary>A step after the migrations and before the service reports started: seeding, rebuilding a cache. Runs on every start and must be idempotent.</summary>
public interface IStartupTask
{
    /// <summary>Does it; a failure is retried with growing pauses and keeps the service from being ready.</summary>
    Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken);
}

internal sealed partial class DatabaseMigration<TContext>(
    IServiceScopeFactory scopes, NpgsqlDataSource database, StartupState startup, IOptions<DatabaseOptions> options, ILogger<DatabaseMigration<TContext>> logger)
    : BackgroundService, IDatabaseMigration
    where TContext : DbContext
{
    // Any number will do as long as every replica of the service uses the same; databases do not share advisory locks.
    private const long _lock = 7_235_406_001;

    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Completed => _completed.Task;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        startup.Expect(this);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RetryAsync("Migrating", options.Value.MigrateOnStart ? ApplyAsync : AwaitSchemaAsync, stoppingToken);
        _completed.TrySetResult();
        await RetryAsync("Preparing", PrepareAsync, stoppingToken);
        startup.Done(this);
    }

    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var holder = await database.OpenConnectionAsync(cancellationToken);
        await using (var acquire = new NpgsqlCommand("SELECT pg_advisory_lock($1)", holder) { Parameters = { new() { Value = _lock } }, CommandTimeout = 0 })
            await acquire.ExecuteNonQueryAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<TContext>();
        if ((await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            await context.Database.MigrateAsync(cancellationToken);
        if (options.Value.Distribution == DatabaseDistribution.Citus)
            await CitusDistribution.ApplyAsync(DistributionModel.Of(context), holder, cancellationToken);
        await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", holder) { Parameters = { new() { Value = _lock } } };
        await release.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task AwaitSchemaAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var pending = await scope.ServiceProvider.GetRequiredService<TContext>().Database.GetPendingMigrationsAsync(cancellationToken);
        if (pending.Any())
            throw new InvalidOperationException("The schema is behind: run the service once with --migrate.");
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var task in scope.ServiceProvider.GetServices<IStartupTask>())
            await task.RunAsync(scope.ServiceProvider, cancellationToken);
    }

    private async Task RetryAsync(string what, Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        for (var pause = TimeSpan.FromMilliseconds(250); ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, TimeSpan.FromSeconds(10).Ticks)))
        {
            try
            {
                await step(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Waiting(logger, e, what, pause.TotalSeconds);
                await Task.Delay(pause, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed; again in {Seconds} s")]
    private static partial void Waiting(ILogger logger, Exception exception, string what, double seconds);
}
