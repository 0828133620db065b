using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
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
    /// <summary>What else takes letters out of the queue, and puts them back, takes this advisory lock in its own transaction first.</summary>
    public const long LockKey = 0x7453_6465_6164_6C71;

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
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = LockKey } } };
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            return null;
        await using var letters = await OpenDeadLetters.OpenAsync(await broker.SessionAsync(cancellationToken), identity.Name, cancellationToken);
        return letters.Depth;
    }

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("SET LOCAL lock_timeout = '3s'"), new("SELECT pg_advisory_xact_lock($1)") { Parameters = { new() { Value = LockKey } } } },
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
    /// <summary>How many letters are looked at, unless one of them is looked for.</summary>
    public const int MaxLetters = 1000;

    private const long _mostBytes = 64 * 1024 * 1024;
    private const ushort _batch = 100;
    private static readonly TimeSpan _readLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _returnLimit = TimeSpan.FromSeconds(2);

    private readonly BrokerSession _session;
    private readonly IChannel _channel;
    private readonly string _service;
    private readonly SortedSet<ulong> _held = [];
    private readonly HashSet<ulong> _done = [];

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

    /// <summary>Whether <see cref="ReadAsync"/> read all there were.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>
    /// The letters in the order in which they died, at most 64 MiB of them and as many as three seconds bring. The queue itself keeps no order among letters
    /// that were looked at before.
    /// </summary>
    public async Task<IReadOnlyList<DeadLetter>> ReadAsync(CancellationToken cancellationToken, int most = MaxLetters)
    {
        var wanted = (int)Math.Min(Depth, most);
        var arriving = Channel.CreateUnbounded<DeadLetter>();
        var letters = new List<DeadLetter>();
        var consumers = new List<string>();
        long bytes = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_readLimit);
        // Each consumer brings a batch. To take letters one by one costs a quorum queue a decision of all its members each.
        await _channel.BasicQosAsync(0, _batch, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, got) =>
        {
            arriving.Writer.TryWrite(new(got.DeliveryTag, new BasicProperties(got.BasicProperties), got.Body.ToArray()));
            return Task.CompletedTask;
        };
        try
        {
            while (letters.Count < wanted && bytes < _mostBytes)
            {
                consumers.Add(await _channel.BasicConsumeAsync(Topology.DeadLetterQueueOf(_service), autoAck: false, consumer, limit.Token));
                for (var due = Math.Min(wanted, letters.Count + _batch); letters.Count < due;)
                {
                    var letter = await arriving.Reader.ReadAsync(limit.Token);
                    _held.Add(letter.Tag);
                    bytes += letter.Body.Length;
                    letters.Add(letter);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What has come so far is told, and IsComplete that it is not all.
        }
        foreach (var tag in consumers)
            await _channel.BasicCancelAsync(tag, noWait: false, CancellationToken.None);
        IsComplete = letters.Count >= Depth;
        return [.. letters.OrderBy(letter => letter.Event.At ?? DateTime.MinValue).ThenBy(letter => letter.Tag)];
    }

    /// <summary>Every letter of one id.</summary>
    /// <exception cref="ApiException">There is none among those that could be read, and there are more: 503.</exception>
    public async Task<IReadOnlyList<DeadLetter>> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        List<DeadLetter> found = [.. (await ReadAsync(cancellationToken, int.MaxValue)).Where(letter => letter.Event.Id == id)];
        return found.Count > 0 || IsComplete
            ? found
            : throw new ApiException(Api.Problem(
                StatusCodes.Status503ServiceUnavailable, "DEAD_LETTERS_TOO_MANY", $"It is not among the first of {Depth} dead letters; replay or discard some of them."));
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
            _done.UnionWith(batch.Where((_, i) => confirmed[i]).Select(letter => letter.Tag));
            replayed += confirmed.Count(taken => taken);
            await SettleAsync(alsoSingle: false);
        }
        await SettleAsync(alsoSingle: true);
        return replayed;
    }

    /// <summary>Takes a letter out for good.</summary>
    public Task RemoveAsync(DeadLetter letter)
    {
        _done.Add(letter.Tag);
        return SettleAsync(alsoSingle: true);
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

    /// <summary>
    /// Acknowledges what is done, many at once where nothing else lies between. The broker passes some thirty acknowledgements on to a quorum queue at a time and
    /// forgets what waits behind them when the channel closes.
    /// </summary>
    private async Task SettleAsync(bool alsoSingle)
    {
        var first = _held.TakeWhile(_done.Contains).ToList();
        if (first.Count > 0)
            await _channel.BasicAckAsync(first[^1], multiple: true);
        List<ulong> single = alsoSingle ? [.. _done.Except(first)] : [];
        foreach (var tag in single)
            await _channel.BasicAckAsync(tag, multiple: false);
        foreach (var tag in first.Concat(single))
        {
            _held.Remove(tag);
            _done.Remove(tag);
        }
    }

    private async Task ReturnAsync()
    {
        using var limit = new CancellationTokenSource(_returnLimit);
        await _channel.BasicNackAsync(0, multiple: true, requeue: true, limit.Token);
        while (await _channel.MessageCountAsync(Topology.DeadLetterQueueOf(_service), limit.Token) < _held.Count)
            await Task.Delay(5, limit.Token);
    }
}
