using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gateway.Edge.Usage;

/// <summary>How usage is kept. Configuration section <c>Usage</c>.</summary>
public sealed record UsageOptions
{
    /// <summary>Between two writings, at most a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most accounts, routes and days that wait for the database; beyond them what is new is dropped and counted in <c>gateway_usage_dropped_total</c>.</summary>
    [Range(1, 10_000_000)]
    public int Capacity { get; init; } = 100_000;

    /// <summary>How many days are kept.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; init; } = 400;
}

/// <summary>
/// Writes what was counted every few seconds and at the end, one statement for all of it. While the database is away the counts wait here. An answer that is lost after
/// a commit counts twice: a total is no bill.
/// </summary>
internal sealed partial class UsageRecorder(
    NpgsqlDataSource database, IDatabaseMigration migration, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsageRecorder> logger) : BackgroundService
{
    // Writing what was counted and erasing somebody take turns, so that nothing of theirs is written after it was deleted.
    private const long _lock = 7_235_406_202;
    private const int _mostRows = 5_000;

    private static readonly TimeSpan _betweenDeletions = TimeSpan.FromHours(1);
    private static readonly Meter _meter = new("TalentSphere.Gateway");
    private static readonly Counter<long> _dropped = _meter.CreateCounter<long>("gateway_usage_dropped_total");

    private readonly UsageCounters _counters = new(options.Value.Capacity);
    private bool _away;

    /// <summary>Counts a request.</summary>
    public void Record(in UsageKey key, in UsageTotals totals)
    {
        if (!_counters.TryAdd(key, totals))
            _dropped.Add(totals.Requests);
    }

    /// <summary>Forgets what is not written yet of an account.</summary>
    public void Forget(Guid user) => _counters.Forget(user);

    /// <summary>Keeps every replica from writing until the connection's transaction ends.</summary>
    public static async Task HoldWritingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({_lock})", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes what was counted; on failure it is counted again.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var taken = _counters.Take();
        var written = 0;
        try
        {
            foreach (var rows in taken.Chunk(_mostRows))
            {
                await WriteAsync(rows, cancellationToken);
                written += rows.Length;
            }
        }
        finally
        {
            foreach (var (key, totals) in taken.Skip(written))
                Record(key, totals);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        long? deleted = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync(stoppingToken);
                if (deleted is not { } last || time.GetElapsedTime(last) >= _betweenDeletions)
                {
                    await DeleteOldAsync(stoppingToken);
                    deleted = time.GetTimestamp();
                }
                if (_away)
                    Back(logger);
                _away = false;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // One line when it goes, not one for each try.
                if (!_away)
                    Away(logger, e.GetType().Name, e.Message);
                _away = true;
            }
        }
    }

    /// <summary>Hosted services end after the server has finished its requests: what they counted is here.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!migration.Completed.IsCompletedSuccessfully)
            return;
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            Lost(logger, _counters.Count, e.Message);
        }
    }

    private async Task WriteAsync((UsageKey Key, UsageTotals Totals)[] rows, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await HoldWritingAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO usage_daily AS kept (day, user_id, route, requests, client_errors, server_errors, duration_ms, max_duration_ms)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS counted (day, user_id, route, requests, client_errors, server_errors, duration_ms, max_duration_ms)
            WHERE NOT EXISTS (SELECT FROM erased_subjects WHERE subject_id = counted.user_id)
            ON CONFLICT (day, user_id, route) DO UPDATE SET
                requests = kept.requests + excluded.requests, client_errors = kept.client_errors + excluded.client_errors,
                server_errors = kept.server_errors + excluded.server_errors, duration_ms = kept.duration_ms + excluded.duration_ms,
                max_duration_ms = greatest(kept.max_duration_ms, excluded.max_duration_ms)
            """, connection);
        Add<DateOnly>(command, NpgsqlDbType.Date, Array.ConvertAll(rows, r => DateOnly.FromDayNumber(r.Key.Day)));
        Add<Guid>(command, NpgsqlDbType.Uuid, Array.ConvertAll(rows, r => r.Key.User));
        Add<string>(command, NpgsqlDbType.Text, Array.ConvertAll(rows, r => r.Key.Route));
        Add<long>(command, NpgsqlDbType.Bigint, Array.ConvertAll(rows, r => r.Totals.Requests));
        Add<long>(command, NpgsqlDbType.Bigint, Array.ConvertAll(rows, r => r.Totals.ClientErrors));
        Add<long>(command, NpgsqlDbType.Bigint, Array.ConvertAll(rows, r => r.Totals.ServerErrors));
        Add<double>(command, NpgsqlDbType.Double, Array.ConvertAll(rows, r => r.Totals.DurationMs));
        Add<double>(command, NpgsqlDbType.Double, Array.ConvertAll(rows, r => r.Totals.MaxDurationMs));
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task DeleteOldAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("DELETE FROM usage_daily WHERE day < $1");
        command.Parameters.Add(new() { Value = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-options.Value.RetentionDays) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, T[] values) =>
        command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    [LoggerMessage(Level = LogLevel.Warning, Message = "Usage cannot be written, it waits in memory: {Exception}: {Reason}")]
    private static partial void Away(ILogger logger, string exception, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Usage can be written again")]
    private static partial void Back(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "Usage of {Keys} accounts, routes and days is lost: the database did not come back before the end: {Reason}")]
    private static partial void Lost(ILogger logger, int keys, string reason);
}

/// <summary>Wires the counting.</summary>
internal static class UsageExtensions
{
    public static void AddUsage(this IServiceCollection services)
    {
        services.AddOptions<UsageOptions>().BindConfiguration("Usage").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<UsageRecorder>();
        services.AddHostedService(s => s.GetRequiredService<UsageRecorder>());
    }
}
