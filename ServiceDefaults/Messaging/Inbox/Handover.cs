using Microsoft.Extensions.Logging;
using Npgsql;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Keeps the order while one replica hands the queue to the next. A replica that stops gives up its place as the queue's active consumer before it has
/// handled what was already delivered to it. Until it has, it holds a lock in the database that every other replica's inbox asks for.
/// </summary>
internal sealed class Handover(NpgsqlDataSource database, ILogger<Handover> logger)
{
    /// <summary>Advisory locks are per database: no other lock of a service has this number.</summary>
    public const long LockKey = 0x7453_696E_626F_7801;

    private readonly SemaphoreSlim _between = new(1, 1);
    private volatile bool _draining;

    public bool IsDraining => _draining;

    /// <summary>Held around each message, so that draining begins between two of them and never waits for itself.</summary>
    public SemaphoreSlim Between => _between;

    /// <summary>Takes the lock; dispose of it when everything is handled. Null when the database is away: then nobody else gets on either.</summary>
    public async Task<IAsyncDisposable?> BeginAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await database.OpenConnectionAsync(cancellationToken);
            await _between.WaitAsync(cancellationToken);
            try
            {
                await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 5 };
                await command.ExecuteNonQueryAsync(cancellationToken);
                _draining = true;
            }
            finally
            {
                _between.Release();
            }
            return new Hold(connection);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or ObjectDisposedException)
        {
            logger.LogWarning("The queue is handed over without the lock: {Fault}", e.Message);
            if (connection is not null)
                await connection.DisposeAsync();
            return null;
        }
    }

    private sealed class Hold(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // A pooled connection keeps its session: the lock has to be given back in words.
            await using (connection)
            await using (var command = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockKey } } })
                await command.ExecuteNonQueryAsync();
        }
    }
}
