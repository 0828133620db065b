using Microsoft.EntityFrameworkCore;
using Npgsql;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gateway.Data;

/// <summary>Keeps a part of the database in memory, for requests to read.</summary>
internal interface IChangeFollower
{
    /// <summary>Reads it again if it changed; on failure what was read before stays.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Tells every replica when an operator changed something: PostgreSQL's own notification at once, and a look every three seconds in case one is lost. While the
/// database is away everybody goes on with what they read last.
/// </summary>
internal sealed partial class ChangeFeed(
    NpgsqlDataSource database, IDatabaseMigration migration, IEnumerable<IChangeFollower> followers, ILogger<ChangeFeed> logger) : BackgroundService
{
    private const string _channel = "gateway_changes";

    // Whoever changes what operators set takes turns; there are never many.
    private const long _lock = 7_235_406_201;

    private static readonly TimeSpan _betweenLooks = TimeSpan.FromSeconds(3), _betweenTries = TimeSpan.FromSeconds(1);
    private bool _away;

    /// <summary>Takes the turn to change something, until the current transaction ends.</summary>
    public static Task TakeTurnAsync(DbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);

    /// <summary>Tells the replicas once the current transaction commits.</summary>
    public static Task AnnounceAsync(DbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_notify({_channel}, '')", cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // One line when it goes, not one for each try.
                if (!_away)
                    Away(logger, e.GetType().Name, e.Message);
                _away = true;
                await Task.Delay(_betweenTries, stoppingToken);
            }
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        await using var connection = await database.OpenConnectionAsync(stoppingToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {_channel}", connection))
            await listen.ExecuteNonQueryAsync(stoppingToken);
        while (true)
        {
            await Task.WhenAll(followers.Select(f => f.RefreshAsync(stoppingToken)));
            if (_away)
                Back(logger);
            _away = false;
            await connection.WaitAsync(_betweenLooks, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of flags and configuration cannot be read, what was read last stays: {Exception}: {Reason}")]
    private static partial void Away(ILogger logger, string exception, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Changes of flags and configuration can be read again")]
    private static partial void Back(ILogger logger);
}

/// <summary>Reads everything once before the gateway reports started, so that its first request meets the flags and routes that are in force.</summary>
internal sealed class ReadBeforeServing(IEnumerable<IChangeFollower> followers) : IStartupTask
{
    public Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken) => Task.WhenAll(followers.Select(f => f.RefreshAsync(cancellationToken)));
}

/// <summary>Wires the feed.</summary>
internal static class ChangeFeedExtensions
{
    public static void AddChangeFeed(this IServiceCollection services)
    {
        services.AddSingleton<IStartupTask, ReadBeforeServing>();
        services.AddHostedService<ChangeFeed>();
    }
}
