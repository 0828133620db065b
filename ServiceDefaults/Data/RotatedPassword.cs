using Npgsql;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>
/// The password for new connections, while it may be exchanged. The new one is taken up when the server takes it, so that it can be handed to every process
/// first and to the server afterwards, and no connection is refused in between.
/// </summary>
/// <param name="given">The connection string as it is configured now.</param>
/// <param name="time">What the pauses between two tries are measured by.</param>
internal sealed class RotatedPassword(Func<string?> given, TimeProvider time)
{
    private static readonly TimeSpan _betweenTries = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile string? _taken;
    private long _triedAt;

    /// <summary>What the server took last, or the one that is configured before any was tried.</summary>
    public string? Known => _taken ?? Configured();

    public async ValueTask<string> CurrentAsync(CancellationToken cancellationToken)
    {
        var configured = Configured();
        // Who waits for its turn finds it decided.
        if (_taken is not null && configured != _taken)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (configured != _taken && (_triedAt == 0 || time.GetElapsedTime(_triedAt) >= _betweenTries))
                {
                    _triedAt = time.GetTimestamp();
                    if (await IsTakenAsync(configured, cancellationToken))
                        _taken = configured;
                }
            }
            finally
            {
                _turn.Release();
            }
        }
        return (_taken ??= configured) ?? "";
    }

    private string? Configured() => given() is { } text ? new NpgsqlConnectionStringBuilder(text).Password : null;

    private async Task<bool> IsTakenAsync(string? password, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(given()) { Password = password, Pooling = false, Timeout = 5 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            // Not yet, or no server at all: what asked for the password will find out and say so.
            return false;
        }
    }
}
