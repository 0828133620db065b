using Microsoft.AspNetCore.Http;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// The service's dead-letter queue, opened by one at a time. AMQP cannot look into a queue: its letters are taken without being acknowledged and given back.
/// Whoever looked meanwhile would see a part of it, so an advisory lock of the service's database keeps everybody else out, in every replica.
/// </summary>
internal sealed class DeadLetterBox(Broker broker, NpgsqlDataSource database, ServiceIdentity identity)
{
    private const long _lockKey = 0x7453_6465_6164_6C71;
    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Lets <paramref name="work"/> look into the queue. What it does not take out is there again, to the last letter, before anybody else looks.</summary>
    /// <exception cref="ApiException">The broker is away, or somebody else has been looking for more than three seconds: 503.</exception>
    public async Task<T> OpenAsync<T>(Func<OpenDeadLetters, Task<T>> work, CancellationToken cancellationToken)
    {
        if (!broker.IsOpen)
            throw Away();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        try
        {
            var session = await broker.SessionAsync(cancellationToken);
            await using var letters = await OpenDeadLetters.OpenAsync(session, identity.Name, cancellationToken);
            return await work(letters);
        }
        catch (Exception e) when (e is OperationInterruptedException or BrokerUnreachableException or IOException or ObjectDisposedException)
        {
            throw Away();
        }
    }

    /// <summary>How many letters there are; null when nobody can say, or somebody is looking.</summary>
    public async Task<long?> DepthAsync(CancellationToken cancellationToken)
    {
        if (!broker.IsOpen)
            return null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = _lockKey } } };
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            return null;
        await using var letters = await OpenDeadLetters.OpenAsync(await broker.SessionAsync(cancellationToken), identity.Name, cancellationToken);
        return letters.Depth;
    }

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("SET LOCAL lock_timeout = '3s'"), new("SELECT pg_advisory_xact_lock($1)") { Parameters = { new() { Value = _lockKey } } } },
        };
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new ApiException(Api.Problem(
                StatusCodes.Status503ServiceUnavailable, "DEAD_LETTERS_BUSY", "Somebody else is looking at the dead letters; try again.").RetryAfter(_retryAfter));
        }
    }

    private static ApiException Away() => new(Api.Problem(
        StatusCodes.Status503ServiceUnavailable, "DEPENDENCY_UNAVAILABLE", "The broker, which holds the dead letters, is away; try again.").RetryAfter(_retryAfter));
}

/// <summary>A dead-letter queue while it is open.</summary>
internal sealed class OpenDeadLetters : IAsyncDisposable
{
    /// <summary>The most letters that are looked at in one opening.</summary>
    public const int MaxLetters = 1000;

    private const long _mostBytes = 64 * 1024 * 1024;
    private const int _batch = 100;
    private static readonly TimeSpan _returnLimit = TimeSpan.FromSeconds(2);

    private readonly BrokerSession _session;
    private readonly IChannel _channel;
    private readonly string _service;
    private readonly HashSet<ulong> _held = [];

    private OpenDeadLetters(BrokerSession session, IChannel channel, string service, long depth) =>
        (_session, _channel, _service, Depth) = (session, channel, service, depth);

    /// <summary>How many letters there were at the opening.</summary>
    public long Depth { get; }

    public static async Task<OpenDeadLetters> OpenAsync(BrokerSession session, string service, CancellationToken cancellationToken)
    {
        var channel = await session.OpenChannelAsync(cancellationToken);
        try
        {
            return new(session, channel, service, await channel.MessageCountAsync(Topology.DeadLetterQueueOf(service), cancellationToken));
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The letters in the order in which they died, at most <see cref="MaxLetters"/> and 64 MiB of them. The queue itself keeps no order among letters that
    /// were looked at before.
    /// </summary>
    public async Task<IReadOnlyList<DeadLetter>> ReadAsync(CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        long bytes = 0;
        while (letters.Count < Math.Min(Depth, MaxLetters) && bytes < _mostBytes
            && await _channel.BasicGetAsync(Topology.DeadLetterQueueOf(_service), autoAck: false, cancellationToken) is { } got)
        {
            _held.Add(got.DeliveryTag);
            bytes += got.Body.Length;
            letters.Add(new DeadLetter(got));
        }
        return [.. letters.OrderBy(letter => letter.Event.At ?? DateTime.MinValue).ThenBy(letter => letter.Tag)];
    }

    /// <summary>
    /// Puts letters back into the service's own queue as they were, and takes each out of this one once the broker has confirmed it there. A process that
    /// dies in between leaves a letter in both: the inbox sees to it that it takes effect once.
    /// </summary>
    /// <returns>How many the broker took.</returns>
    public async Task<int> ReplayAsync(IEnumerable<DeadLetter> letters)
    {
        var queue = Topology.QueueOf(_service);
        // A broker confirms what it has no queue for.
        if (!await _session.HasQueueAsync(queue, CancellationToken.None))
            throw new IOException($"There is no queue '{queue}'.");
        var replayed = 0;
        foreach (var batch in letters.Chunk(_batch))
        {
            var confirmed = await _session.PublishAsync([.. batch.Select(letter => new Outgoing("", queue, letter.Original(), letter.Body))]);
            foreach (var letter in batch.Where((_, i) => confirmed[i]))
            {
                await RemoveAsync(letter);
                replayed++;
            }
        }
        return replayed;
    }

    /// <summary>Takes a letter out for good.</summary>
    public async Task RemoveAsync(DeadLetter letter)
    {
        await _channel.BasicAckAsync(letter.Tag, multiple: false);
        _held.Remove(letter.Tag);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_held.Count > 0)
                await ReturnAsync();
        }
        catch (Exception e) when (e is OperationInterruptedException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is lost, and with that the broker has taken everything back.
            _held.Clear();
        }
        await _channel.DisposeAsync();
    }

    private async Task ReturnAsync()
    {
        using var limit = new CancellationTokenSource(_returnLimit);
        await _channel.BasicNackAsync(0, multiple: true, requeue: true, limit.Token);
        while (await _channel.MessageCountAsync(Topology.DeadLetterQueueOf(_service), limit.Token) < _held.Count)
            await Task.Delay(5, limit.Token);
    }
}
