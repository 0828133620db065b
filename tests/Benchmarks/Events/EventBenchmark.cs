using System.Diagnostics;
using System.Globalization;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Events;

/// <summary>
/// What the outbox costs beside publishing without one, in one run on the same servers: the relay against MassTransit's own publish with confirmations,
/// the relay once more with a million published rows in its table, and the time from a commit to its effect at a subscriber under a steady load.
/// </summary>
public static class EventBenchmark
{
    private const int _events = 20_000;
    private const int _batch = 500;
    private const int _rounds = 3;
    private const int _retained = 1_000_000;
    private const int _rate = 200;
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(30);

    /// <summary>Runs everything and prints it.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine("Starting PostgreSQL and RabbitMQ …");
        var servers = await TestServers.StartAsync("postgres", "rabbitmq");
        // Before anything else: what millions of rows leave behind for servers and collectors to clear away would be measured as latency.
        var latencies = await CommitToEffectAsync(servers);
        var sink = await SinkAsync(servers.RabbitMq);

        var (bare, relayed, retained) = (new List<double>(), new List<double>(), new List<double>());
        var empty = await DatabaseAsync(servers.Postgres, "empty_table");
        var full = await DatabaseAsync(servers.Postgres, "full_table");
        await FillAsync(full, servers.RabbitMq);
        for (var round = 0; round <= _rounds; round++)
        {
            // The first round warms everything up.
            var kept = round > 0;
            Keep(bare, kept, await PublishBareAsync(servers.RabbitMq));
            await sink.PurgeAsync();
            Keep(relayed, kept, await RelayAsync(empty, servers.RabbitMq));
            await sink.PurgeAsync();
            Keep(retained, kept, await RelayAsync(full, servers.RabbitMq));
            await sink.PurgeAsync();
            Console.WriteLine(kept ? $"  round {round} of {_rounds} done" : "  warmed up");
        }
        await sink.DisposeAsync();
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {_events:N0} events of 350 bytes to a quorum queue, median of {_rounds}
              MassTransit, publish with confirmations   {Median(bare),9:N0} /s
              outbox relay                              {Median(relayed),9:N0} /s   {Median(relayed) / Median(bare):0.00} of bare (wanted: 0.70)
              with {_retained:N0} published rows        {Median(retained),9:N0} /s   {Median(retained) / Median(relayed):0.00} of the empty table (wanted: 0.90)

            Commit to effect at {_rate} events/s for {_measured.TotalSeconds:0} s ({latencies.Count:N0} events)
              median {At(latencies, 0.5):0.0} ms (wanted: 5), p95 {At(latencies, 0.95):0.0} ms, p99 {At(latencies, 0.99):0.0} ms (wanted: 25), worst {latencies[^1]:0.0} ms
            """));
        return 0;
    }

    private static async Task<double> PublishBareAsync(string rabbit)
    {
        var address = new ConnectionFactory { Uri = new Uri(rabbit) };
        var bus = Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(address.HostName, (ushort)address.Endpoint.Port, address.VirtualHost, host =>
            {
                host.Username(address.UserName);
                host.Password(address.Password);
                host.PublisherConfirmation = true;
            });
            configure.Message<ReadingTaken>(message => message.SetEntityName(Topology.Exchange));
            configure.Publish<ReadingTaken>(publish => publish.ExchangeType = ExchangeType.Topic);
            configure.Send<ReadingTaken>(send => send.UseRoutingKeyFormatter(_ => Topology.Of<ReadingTaken>().Key));
        });
        await bus.StartAsync();
        var readings = Readings(_events);
        var watch = Stopwatch.StartNew();
        foreach (var batch in readings.Chunk(_batch))
            await Task.WhenAll(batch.Select(reading => bus.Publish(reading)));
        var seconds = watch.Elapsed.TotalSeconds;
        await bus.StopAsync();
        return _events / seconds;
    }

    /// <summary>Records events while nothing is running, then starts the service and lets the table tell how fast they left.</summary>
    private static async Task<double> RelayAsync(string database, string rabbit)
    {
        await using var service = await MeasuredService.BuildAsync("measured", database, rabbit);
        foreach (var batch in Readings(_events).Chunk(_batch))
            await service.RecordAsync(batch);
        var first = await service.WithAsync(db => db.Set<OutboxMessage>().Where(m => m.PublishedAt == null).MinAsync(m => m.Sequence));
        await service.StartAsync();
        // The question of the partial index: any other would read the whole table again and again while the relay is measured.
        await Eventually.SeesAsync(
            () => service.WithAsync(db => db.Set<OutboxMessage>().CountAsync(m => m.PublishedAt == null && m.SetAsideAt == null)), n => n == 0,
            "an empty outbox", TimeSpan.FromMinutes(2));
        // Each batch is marked at once: the first one's time is when the second begins.
        var marks = await service.WithAsync(db => db.Set<OutboxMessage>().Where(m => m.Sequence >= first)
            .GroupBy(m => m.PublishedAt).Select(g => new { At = g.Key!.Value, Count = g.Count() }).OrderBy(g => g.At).ToListAsync());
        return (_events - marks[0].Count) / (marks[^1].At - marks[0].At).TotalSeconds;
    }

    private static async Task FillAsync(string database, string rabbit)
    {
        Console.WriteLine($"Filling an outbox with {_retained:N0} published rows of thirty days …");
        await using var service = await MeasuredService.BuildAsync("measured", database, rabbit);
        await service.WithAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            DO $$ BEGIN
                FOR n IN 1..30 LOOP
                    EXECUTE format('CREATE TABLE outbox_messages_%s PARTITION OF outbox_messages FOR VALUES FROM (%L) TO (%L)',
                        to_char((now() AT TIME ZONE 'UTC')::date - n, 'YYYYMMDD'),
                        ((now() AT TIME ZONE 'UTC')::date - n)::text || 'Z', ((now() AT TIME ZONE 'UTC')::date - n + 1)::text || 'Z');
                END LOOP;
            END $$;
            """));
        await service.WithAsync(db =>
        {
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
            return db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO outbox_messages (id, event_type, subject, correlation_id, envelope, created_at, published_at, attempts)
                SELECT gen_random_uuid(), 'measured.reading.taken', gen_random_uuid(), gen_random_uuid(), convert_to(repeat('x', 350), 'UTF8'), t, t, 1
                FROM (SELECT now() - n * interval '29 days' / {_retained} AS t FROM generate_series(1, {_retained}) n) times
                """);
        });
        // Thirty days would have done this long ago; done in the background now, it would be measured.
        await service.WithAsync(db => db.Database.ExecuteSqlAsync($"VACUUM (FREEZE, ANALYZE) outbox_messages"));
        await service.WithAsync(db => db.Database.ExecuteSqlAsync($"CHECKPOINT"));
    }

    private static async Task<List<double>> CommitToEffectAsync(TestServers servers)
    {
        Console.WriteLine($"Publishing {_rate} events/s for {(_warmUp + _measured).TotalSeconds:0} s …");
        await using var publisher = await MeasuredService.BuildAsync("measured", await DatabaseAsync(servers.Postgres, "publisher"), servers.RabbitMq);
        await using var subscriber = await MeasuredService.BuildAsync(
            "subscriber", await DatabaseAsync(servers.Postgres, "subscriber"), servers.RabbitMq, messaging => messaging.AddConsumer<KeepReading>());
        await subscriber.StartAsync();
        await publisher.StartAsync();
        // One event that arrives says that the queue is bound and consumed.
        await Eventually.SeesAsync(
            async () =>
            {
                await publisher.RecordAsync(Readings(1));
                return subscriber.Effects.At.Count;
            }, n => n > 0, "a first effect", TimeSpan.FromSeconds(30));

        var committed = new System.Collections.Concurrent.ConcurrentDictionary<Guid, long>();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / _rate));
        var saves = new List<Task>();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < _warmUp + _measured)
        {
            await pace.WaitForNextTickAsync();
            // A timer that is late owes what it missed.
            while (saves.Count < watch.Elapsed.TotalSeconds * _rate)
                saves.Add(SaveAsync(Readings(1)[0], keep: watch.Elapsed > _warmUp));
        }
        await Task.WhenAll(saves);
        await Eventually.SeesAsync(
            () => Task.FromResult(committed.Keys.Count(id => !subscriber.Effects.At.ContainsKey(id))), n => n == 0, "every effect", TimeSpan.FromMinutes(1));
        var latencies = committed.Select(c => Stopwatch.GetElapsedTime(c.Value, subscriber.Effects.At[c.Key]).TotalMilliseconds).Order().ToList();
        return latencies;

        async Task SaveAsync(ReadingTaken reading, bool keep)
        {
            await publisher.RecordAsync([reading]);
            if (keep)
                committed[reading.ReadingId] = Stopwatch.GetTimestamp();
        }
    }

    private static List<ReadingTaken> Readings(int count) =>
        [.. Enumerable.Range(0, count).Select(n => new ReadingTaken(Guid.CreateVersion7(), Guid.CreateVersion7(), "A reading like many others", n, DateTime.UtcNow))];

    private static void Keep(List<double> figures, bool kept, double figure)
    {
        if (kept)
            figures.Add(figure);
    }

    private static double Median(List<double> figures) => At([.. figures.Order()], 0.5);

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(share * sorted.Count))];

    private static async Task<string> DatabaseAsync(string administrator, string name)
    {
        await using var connection = new Npgsql.NpgsqlConnection(administrator);
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new Npgsql.NpgsqlConnectionStringBuilder(administrator) { Database = name }.ConnectionString;
    }

    /// <summary>A quorum queue that takes everything, so that both ways make the broker do the same.</summary>
    private static async Task<Sink> SinkAsync(string rabbit)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(rabbit) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(Topology.Exchange, ExchangeType.Topic, durable: true);
        await channel.QueueDeclareAsync("sink", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync("sink", Topology.Exchange, Topology.Of<ReadingTaken>().Key);
        return new Sink(connection, channel);
    }

    private sealed record Sink(IConnection Connection, IChannel Channel) : IAsyncDisposable
    {
        public Task PurgeAsync() => Channel.QueuePurgeAsync("sink");

        public async ValueTask DisposeAsync()
        {
            await Channel.QueueDeleteAsync("sink");
            await Channel.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
