using System.Diagnostics;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

[Collection("Messaging")]
public sealed class MessagingTests(Servers servers)
{
    private readonly string _name = $"t{Guid.CreateVersion7():N}";

    private string Sender => _name + "-out";

    private string Receiver => _name + "-in";

    [Fact]
    public async Task Nothing_leaves_before_the_commit_and_what_is_rolled_back_never_does()
    {
        await using var tap = await TapAsync();
        await using var service = await StartSenderAsync();
        var (rolledBack, late, marker) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());

        await using var scope = service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TestDb>();
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            db.Publish(new JourneyAdvanced(rolledBack, 1));
            await db.SaveChangesAsync();
            await transaction.RollbackAsync();
        }
        db.ChangeTracker.Clear();
        await using var open = await db.Database.BeginTransactionAsync();
        db.Publish(new JourneyAdvanced(late, 1));
        await db.SaveChangesAsync();

        await service.PublishAsync(new JourneyAdvanced(marker, 1));
        await HeardAsync(tap, 1);
        Subjects(tap).ShouldBe([marker]);

        await open.CommitAsync();
        await HeardAsync(tap, 2);
        Subjects(tap).ShouldBe([marker, late]);
    }

    [Fact]
    public async Task What_was_recorded_before_a_subscriber_started_for_the_first_time_reaches_it()
    {
        await using var sender = await TestService.StartAsync(
            Sender, await servers.CreateDatabaseAsync(), servers.Rabbit, settings: new() { ["Messaging:Subscribers"] = $"{Sender}, {Receiver}" });
        await Probe.UntilAsync(sender.HealthAsync, status => status == HealthStatus.Healthy, "a connection");
        await sender.PublishAsync(Steps(Guid.CreateVersion7(), 3));
        await using var receiver = await StartReceiverAsync();
        await Probe.UntilAsync(receiver.EffectsAsync, effects => effects.Count == 3, "three effects");
    }

    [Fact]
    public async Task What_was_committed_by_a_process_that_died_before_publishing_goes_out_when_another_starts()
    {
        await using var tap = await TapAsync();
        var database = await servers.CreateDatabaseAsync();
        await using (var dead = await TestService.BuildAsync(Sender, database, servers.Rabbit))
            await dead.PublishAsync(Steps(Guid.CreateVersion7(), 20));
        await using var successor = await TestService.StartAsync(Sender, database, servers.Rabbit);
        await HeardAsync(tap, 20);
        tap.Heard.Select(m => Data(m.Body).GetProperty("step").GetInt32()).ShouldBe(Enumerable.Range(1, 20));
    }

    [Fact]
    public async Task A_consumer_that_alone_is_lost_is_told_of_and_another_one_begins()
    {
        var address = new UriBuilder(servers.Rabbit);
        await using var cable = new Cable(address.Host, address.Port);
        (address.Host, address.Port) = ("127.0.0.1", cable.Port);
        await using var sender = await StartSenderAsync();
        await using var receiver = await TestService.StartAsync(Receiver, await servers.CreateDatabaseAsync(), address.Uri.ToString(), m => m.AddConsumer<RecordJourney>());
        var broker = receiver.Services.GetRequiredService<Broker>();
        using var losses = new InstrumentReader(receiver.Services, "queue_consumer_losses_total");
        var journey = Guid.CreateVersion7();
        for (var i = 1; i <= 3; i++)
        {
            await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
            var session = await broker.SessionAsync(default);
            // The service's own connection is made before that of its consumer.
            cable.PullOutLast();
            await Probe.UntilAsync(() => Task.FromResult(losses.Read()), told => told == i, "the loss to be told");
            await sender.PublishAsync(new JourneyAdvanced(journey, i));
            await EffectsAsync(receiver, i);
            (await broker.SessionAsync(default)).ShouldBeSameAs(session);
        }
    }

    [Fact]
    public async Task Queues_that_are_deleted_under_a_service_come_back_with_what_was_bound_to_them()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        using var losses = new InstrumentReader(receiver.Services, "queue_consumer_losses_total");
        await client.DeleteAsync(Topology.DeadLetterQueueOf(Receiver));
        await client.DeleteAsync(Topology.QueueOf(Receiver));
        await Probe.UntilAsync(() => Task.FromResult(losses.Read()), told => told >= 1, "the loss to be told");
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1));
        await EffectsAsync(receiver, 1);

        await client.DeleteAsync(Topology.DeadLetterQueueOf(Receiver));
        using var dead = new InstrumentReader(receiver.Services, "queue_messages_processed_total", ("outcome", "dead"));
        await client.SendAsync("testing.journey.advanced", "no event");
        await Probe.UntilAsync(() => Task.FromResult(dead.Read()), count => count >= 1, "the letter to be told");
        (await client.CountAsync(Topology.DeadLetterQueueOf(Receiver))).ShouldBe(1u);
    }

    [Fact]
    public async Task What_the_broker_refuses_is_not_overtaken_by_what_comes_behind_it()
    {
        var queue = $"{_name}-full";
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await client.RefuseAsync(queue, "testing.journey.advanced");
        await using var tap = await TapAsync("testing.journey.advanced");
        await using var sender = await StartSenderAsync();
        var journey = Guid.CreateVersion7();
        await sender.PublishAsync(Steps(journey, 5));
        // Other queues got it each time, and none got what stands behind it.
        await HeardAsync(tap, 3);
        tap.Heard.Select(m => Data(m.Body).GetProperty("step").GetInt32()).ShouldAllBe(step => step == 1);
        await client.DeleteAsync(queue);
        await Probe.UntilAsync(() => sender.WithDbAsync(db => db.Outbox.CountAsync(m => m.PublishedAt != null)), published => published == 5, "all of them to be published");
        await Probe.UntilAsync(
            () => Task.FromResult(tap.Heard.Select(m => Data(m.Body).GetProperty("step").GetInt32()).Where(step => step > 1).ToList()), steps => steps.Count == 4, "the others");
        tap.Heard.Select(m => Data(m.Body).GetProperty("step").GetInt32()).Where(step => step > 1).ShouldBe([2, 3, 4, 5]);
    }

    [Fact]
    public async Task A_message_keeps_its_id_when_it_is_published_again_and_takes_effect_once()
    {
        await using var tap = await TapAsync("testing.journey.advanced");
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        var journey = Guid.CreateVersion7();
        await sender.PublishAsync(new JourneyAdvanced(journey, 1));
        await EffectsAsync(receiver, 1);

        // As if the relay had died between the confirmation and its note of it.
        await Probe.UntilAsync(() => sender.WithDbAsync(db => db.Outbox.CountAsync(m => m.PublishedAt != null)), noted => noted == 1, "the note");
        await sender.WithDbAsync(async db =>
        {
            await db.Database.ExecuteSqlAsync($"UPDATE outbox_messages SET published_at = NULL");
            db.Publish(new JourneyAdvanced(journey, 2));
            return await db.SaveChangesAsync();
        });
        await EffectsAsync(receiver, 2);
        await HeardAsync(tap, 3);
        var heard = tap.Heard.ToList();
        heard[1].Properties.MessageId.ShouldBe(heard[0].Properties.MessageId);
        heard[1].Body.ShouldBe(heard[0].Body);
        (await receiver.EffectsAsync()).Select(e => e.Step).ShouldBe([1, 2]);
        receiver.Script.Tries.ShouldBe(new Dictionary<int, int> { [1] = 1, [2] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Events_of_one_subject_keep_their_order_through_several_replicas_that_come_and_go()
    {
        const int journeys = 8;
        const int steps = 40;
        var (outbox, inbox) = (await servers.CreateDatabaseAsync(), await servers.CreateDatabaseAsync());
        await using var sender1 = await TestService.StartAsync(Sender, outbox, servers.Rabbit);
        await using var sender2 = await TestService.StartAsync(Sender, outbox, servers.Rabbit);
        await using var receiver1 = await TestService.StartAsync(Receiver, inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await using var receiver2 = await TestService.StartAsync(Receiver, inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        foreach (var receiver in (TestService[])[receiver1, receiver2])
            await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        var writing = Task.WhenAll(Enumerable.Range(0, journeys).Select(async _ =>
        {
            var journey = Guid.CreateVersion7();
            for (var step = 1; step <= steps; step++)
                await (step % 2 == 0 ? sender1 : sender2).PublishAsync(new JourneyAdvanced(journey, step));
        }));

        // Whoever leads is stopped in the middle: the other relay and the other consumer take over.
        await Probe.UntilAsync(() => receiver2.EffectsAsync(), seen => seen.Count > 20, "some effects");
        await receiver1.StopAsync();
        await using var receiver3 = await TestService.StartAsync(Receiver, inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await receiver2.StopAsync();
        await writing;
        await sender1.StopAsync();

        var effects = await EffectsAsync(receiver3, journeys * steps);
        foreach (var journey in effects.GroupBy(e => e.JourneyId))
            journey.Select(e => e.Step).ShouldBe(Enumerable.Range(1, steps));
    }

    [Fact]
    public async Task While_the_broker_is_away_writes_go_on_and_then_everything_arrives_in_order()
    {
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        var journey = Guid.CreateVersion7();
        await sender.PublishAsync(Steps(journey, 5));
        await EffectsAsync(receiver, 5);
        (await sender.HealthAsync()).ShouldBe(HealthStatus.Healthy);

        await servers.StopBrokerAsync();
        try
        {
            for (var step = 6; step <= 60; step++)
                await sender.PublishAsync(new JourneyAdvanced(journey, step));
            await Probe.UntilAsync(sender.HealthAsync, status => status == HealthStatus.Degraded, "degraded health of the sender");
            await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Degraded, "degraded health of the receiver");
        }
        finally
        {
            await servers.StartBrokerAsync();
        }
        var effects = await EffectsAsync(receiver, 60);
        effects.Select(e => e.Step).ShouldBe(Enumerable.Range(1, 60));
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "healthy again");
    }

    [Fact]
    public async Task A_service_starts_and_writes_without_a_broker()
    {
        const string nobody = "amqp://guest:guest@127.0.0.1:1/";
        await using var service = await TestService.StartAsync(Sender, await servers.CreateDatabaseAsync(), nobody, m => m.AddConsumer<RecordJourney>());
        await service.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1));
        (await service.HealthAsync()).ShouldBe(HealthStatus.Degraded);
    }

    [Theory]
    [InlineData("always-fails", "InvalidOperationException: This step cannot be recorded.")]
    [InlineData("times-out", "TaskCanceledException: A client gave up.")]
    public async Task After_three_tries_a_message_is_a_dead_letter_with_its_reason_and_the_others_flow_on(string word, string reason)
    {
        await using var client = await TapAsync("testing.journey.advanced");
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        await sender.PublishAsync(
            new JourneyAdvanced(Guid.CreateVersion7(), 1),
            new JourneyAdvanced(Guid.CreateVersion7(), 2, Word: word),
            new JourneyAdvanced(Guid.CreateVersion7(), 3));

        (await EffectsAsync(receiver, 2)).Select(e => e.Step).ShouldBe([1, 3]);
        receiver.Script.Tries[2].ShouldBe(3);
        await Probe.UntilAsync(() => Task.FromResult(receiver.Script.Said.ToArray()), said => said.Length == 2, "what was to be done after the commits");
        receiver.Script.Said.ShouldBe(["1 committed 1", "3 committed 1"]);

        var dead = await client.GetAsync(Topology.DeadLetterQueueOf(Receiver));
        await HeardAsync(client, 3);
        var original = client.Heard.Single(m => m.Properties.MessageId == dead.BasicProperties.MessageId);
        dead.Body.ToArray().ShouldBe(original.Body);
        dead.BasicProperties.Type.ShouldBe("testing.journey.advanced");
        dead.BasicProperties.ContentType.ShouldBe("application/json");
        dead.BasicProperties.Persistent.ShouldBeTrue();
        var headers = dead.BasicProperties.Headers!;
        foreach (var (name, _) in original.Properties.Headers!)
            headers.Text(name).ShouldBe(original.Properties.Headers!.Text(name));
        headers.Text(DeadLetterHeaders.Reason).ShouldBe(reason);
        headers.Text(DeadLetterHeaders.Stack).ShouldContain(nameof(RecordJourney));
        headers.Text(DeadLetterHeaders.Attempts).ShouldBe("3");
        headers.Text(DeadLetterHeaders.Key).ShouldBe("testing.journey.advanced");
        headers.Keys.ShouldNotContain(name => name.StartsWith("MT-Fault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_replayed_dead_letter_takes_effect_once()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1, Word: "always-fails"));
        var dead = await client.GetAsync(Topology.DeadLetterQueueOf(Receiver));
        (await receiver.EffectsAsync()).ShouldBeEmpty();

        var mended = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(dead.Body.Span).Replace("always-fails", "works", StringComparison.Ordinal));
        await client.SendAsync("testing.journey.advanced", mended, dead.BasicProperties);
        await client.SendAsync("testing.journey.advanced", mended, dead.BasicProperties);
        await EffectsAsync(receiver, 1);
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 2));
        (await EffectsAsync(receiver, 2)).Select(e => e.Step).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Malformed_unknown_and_oversized_messages_are_dead_letters_at_once_and_block_nothing()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync();
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        var journey = Guid.CreateVersion7();

        string[] bad =
        [
            "not json",
            "null",
            "{}",
            Envelope("testing.journey.advanced", journey, """{ "journeyId": 7, "step": 1 }"""),
            Envelope("testing.journey.advanced", journey, """{ "journeyId": null, "step": 1 }"""),
            Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}" }"""),
            Envelope("testing.journey.never", journey, "{}"),
            Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}", "step": 1, "word": "{{new string('x', Wire.MaxBytes)}}" }"""),
        ];
        foreach (var body in bad)
            await client.SendAsync("testing.journey.advanced", body);
        await client.SendAsync("testing.journey.advanced", "plain text", new BasicProperties { ContentType = "text/plain" });
        var good = Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}", "step": 9 }""");
        await client.SendAsync("testing.journey.advanced", good, new BasicProperties());

        (await EffectsAsync(receiver, 1)).Single().Step.ShouldBe(9);
        var reasons = new List<string>();
        for (var i = 0; i < bad.Length + 1; i++)
        {
            var dead = await client.GetAsync(Topology.DeadLetterQueueOf(Receiver));
            if (i < bad.Length)
                Encoding.UTF8.GetString(dead.Body.Span).ShouldBe(bad[i]);
            reasons.Add(dead.BasicProperties.Headers!.Text(DeadLetterHeaders.Reason));
        }
        reasons[0].ShouldStartWith("Not an event envelope");
        reasons[3].ShouldStartWith("The data of 'testing.journey.advanced' is malformed");
        reasons[6].ShouldBe("No consumer of this service handles the event.");
        reasons[7].ShouldContain("at most 1048576");
        (await client.CountAsync(Topology.DeadLetterQueueOf(Receiver))).ShouldBe(0u);
    }

    [Fact]
    public async Task A_plain_client_sees_exactly_the_envelope()
    {
        await using var tap = await TapAsync();
        await using var sender = await StartSenderAsync();
        var journey = Guid.CreateVersion7();
        Correlation.Begin("story-1");
        await sender.PublishAsync(new JourneyAdvanced(journey, 3, StepKind.LaterStep, "Grüße <b>"));
        await HeardAsync(tap, 1);

        var (properties, key, body) = tap.Heard.Single();
        key.ShouldBe("testing.journey.advanced");
        properties.Type.ShouldBe(key);
        properties.ContentType.ShouldBe("application/json");
        properties.Persistent.ShouldBeTrue();
        properties.Headers!.Text("x-correlation-id").ShouldBe("story-1");

        var envelope = JsonDocument.Parse(body).RootElement;
        envelope.EnumerateObject().Select(p => p.Name)
            .ShouldBe(["eventId", "eventType", "timestamp", "schemaVersion", "source", "correlationId", "subject", "data"]);
        envelope.GetProperty("eventId").GetString().ShouldBe(properties.MessageId);
        envelope.GetProperty("eventId").GetGuid().Version.ShouldBe(7);
        envelope.GetProperty("eventType").GetString().ShouldBe(key);
        envelope.GetProperty("timestamp").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$");
        envelope.GetProperty("schemaVersion").GetInt32().ShouldBe(1);
        envelope.GetProperty("source").GetString().ShouldBe(Sender);
        envelope.GetProperty("correlationId").GetString().ShouldBe("story-1");
        envelope.GetProperty("subject").GetString().ShouldBe(journey.ToString());
        envelope.GetProperty("data").GetRawText().ShouldBe($$"""{"journeyId":"{{journey}}","step":3,"kind":"later-step","word":"Grüße <b>"}""");
    }

    [Fact]
    public async Task What_a_plain_client_publishes_in_that_form_is_handled()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync();
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        var journey = Guid.CreateVersion7();
        await client.SendAsync("testing.journey.advanced",
            Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}", "step": 4, "kind": "later-step", "addedLater": [1] }"""));
        var effect = (await EffectsAsync(receiver, 1)).Single();
        effect.JourneyId.ShouldBe(journey);
        effect.Step.ShouldBe(4);
        effect.CorrelationId.ShouldBe("from-outside");
    }

    [Fact]
    public async Task The_trace_of_a_plain_client_is_continued()
    {
        using var listener = Listen(_ => { });
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync();
        var journey = Guid.CreateVersion7();
        var step = Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}", "step": 1 }""");
        await client.SendAsync("testing.journey.advanced", step, new BasicProperties
        {
            Headers = new Dictionary<string, object?> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        });
        (await EffectsAsync(receiver, 1)).Single().TraceId.ShouldBe("0af7651916cd43dd8448eb211c80319c");
    }

    [Fact]
    public async Task A_relay_that_loses_its_database_session_goes_on_with_another()
    {
        await using var tap = await TapAsync();
        await using var sender = await StartSenderAsync();
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1));
        await HeardAsync(tap, 1);
        await sender.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"));
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 2));
        await HeardAsync(tap, 2);
    }

    [Fact]
    public async Task An_event_that_another_replica_announces_while_the_relay_is_busy_goes_out_without_the_poll()
    {
        await using var tap = await TapAsync();
        var database = await servers.CreateDatabaseAsync();
        Dictionary<string, string?> settings = new() { ["Messaging:PollInterval"] = "00:10:00", ["Messaging:SweepAfter"] = "00:00:00" };
        await using var leader = await TestService.BuildAsync(Sender, database, servers.Rabbit, settings: settings);
        await using var other = await TestService.BuildAsync(Sender, database, servers.Rabbit, settings: settings);
        await using var obstacle = new NpgsqlConnection(database);
        await obstacle.OpenAsync();
        await using var transaction = await obstacle.BeginTransactionAsync();
        await ExecuteAsync(obstacle, "LOCK TABLE inbox_messages IN ACCESS EXCLUSIVE MODE");
        await using var announced = new NpgsqlConnection(database);
        await announced.OpenAsync();
        await ExecuteAsync(announced, "LISTEN outbox_messages");

        // It has found nothing to publish, and sweeps.
        await leader.StartAsync();
        await Probe.UntilAsync(
            () => other.WithDbAsync(db => db.Database.SqlQuery<int>(
                $"""SELECT count(*)::int AS "Value" FROM pg_locks WHERE relation = 'inbox_messages'::regclass AND NOT granted""").SingleAsync()),
            waiting => waiting == 1, "the sweep at the lock");
        await other.StartAsync();
        await other.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1));
        (await announced.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue();
        await transaction.RollbackAsync();
        await HeardAsync(tap, 1);
    }

    [Fact]
    public async Task What_was_published_longer_ago_than_the_retention_is_forgotten_and_what_still_waits_is_not()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var before = await TestService.BuildAsync(Sender, database, servers.Rabbit);
        await before.PublishAsync(Steps(Guid.CreateVersion7(), 4));
        await before.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            UPDATE outbox_messages SET created_at = created_at - interval '31 days';
            UPDATE outbox_messages SET published_at = created_at WHERE sequence <= 2;
            UPDATE outbox_messages SET set_aside_at = created_at WHERE sequence = 3;
            INSERT INTO inbox_messages (consumer, message_id, event_type, processed_at)
            VALUES ('q', gen_random_uuid(), 'a.b.c', now() - interval '31 days'), ('q', gen_random_uuid(), 'a.b.c', now());
            """));
        await using var after = await TestService.StartAsync(Sender, database, servers.Rabbit, settings: new() { ["Messaging:SweepAfter"] = "00:00:00" });
        var left = await Probe.UntilAsync(
            () => after.WithDbAsync(db => db.Outbox.AsNoTracking().OrderBy(m => m.Sequence).ToListAsync()), rows => rows.Count <= 2, "old rows gone");
        left.Select(m => m.SetAsideAt is null).ShouldBe([false, true]);
        await Probe.UntilAsync(() => after.WithDbAsync(db => db.Set<InboxMessage>().CountAsync()), n => n == 1, "one remembered message");
    }

    [Fact]
    public async Task A_day_that_is_past_its_retention_goes_as_a_whole_unless_something_in_it_still_waits()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var before = await TestService.BuildAsync(Sender, database, servers.Rabbit);
        var done = DateTime.UtcNow.Date.AddDays(-40);
        var waiting = done.AddDays(1);
        await before.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            DO $$ BEGIN
                FOR n IN 39..40 LOOP
                    EXECUTE format('CREATE TABLE outbox_messages_%s PARTITION OF outbox_messages FOR VALUES FROM (%L) TO (%L)',
                        to_char((now() AT TIME ZONE 'UTC')::date - n, 'YYYYMMDD'),
                        ((now() AT TIME ZONE 'UTC')::date - n)::text || 'Z', ((now() AT TIME ZONE 'UTC')::date - n + 1)::text || 'Z');
                END LOOP;
            END $$;
            """));
        await before.PublishAsync(Steps(Guid.CreateVersion7(), 3));
        await before.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            UPDATE outbox_messages SET created_at = {done}, published_at = {done} WHERE sequence = 1;
            UPDATE outbox_messages SET created_at = {waiting}, published_at = {waiting} WHERE sequence = 2;
            UPDATE outbox_messages SET created_at = {waiting}, set_aside_at = {waiting}, subject = 'another' WHERE sequence = 3;
            """));
        await using var after = await TestService.StartAsync(Sender, database, servers.Rabbit, settings: new() { ["Messaging:SweepAfter"] = "00:00:00" });
        var today = DateTime.UtcNow.Date;
        await Probe.UntilAsync(
            () => after.WithDbAsync(db => db.Database.SqlQuery<string>(
                $"""SELECT inhrelid::regclass::text AS "Value" FROM pg_inherits WHERE inhparent = 'outbox_messages'::regclass""").ToListAsync()),
            names => names.Order(StringComparer.Ordinal).SequenceEqual(
                [$"outbox_messages_{waiting:yyyyMMdd}", .. Enumerable.Range(0, 4).Select(n => $"outbox_messages_{today.AddDays(n):yyyyMMdd}"), "outbox_messages_default"]),
            "the day with a waiting event, today, three days ahead and the default one");
        (await after.WithDbAsync(db => db.Outbox.AsNoTracking().Select(m => m.Sequence).OrderBy(n => n).ToListAsync())).ShouldBe([2, 3]);
        // What is written lands in its day's partition.
        await after.PublishAsync(Steps(Guid.CreateVersion7(), 1));
        (await after.WithDbAsync(db => db.Database.SqlQuery<long>($"""SELECT count(*) AS "Value" FROM outbox_messages_default""").SingleAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task One_trace_and_one_correlation_id_run_from_the_request_to_the_next_event()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = Listen(spans.Enqueue);
        using var source = new ActivitySource("Test");
        await using var tap = await TapAsync();
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();

        ActivityTraceId trace;
        ActivitySpanId request;
        using (var activity = source.StartActivity("POST /steps")!)
        {
            Correlation.Begin("story-2");
            (trace, request) = (activity.TraceId, activity.SpanId);
            await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1));
        }
        var effect = (await EffectsAsync(receiver, 1)).Single();
        effect.TraceId.ShouldBe(trace.ToString());
        effect.CorrelationId.ShouldBe("story-2");

        await HeardAsync(tap, 2);
        var next = tap.Heard.Single(m => m.RoutingKey == "testing.journey.recorded");
        next.Properties.Headers!.Text("traceparent").ShouldContain(trace.ToString());
        next.Properties.Headers!.Text("x-correlation-id").ShouldBe("story-2");

        // A span is told when it ends: that of a publish after the broker's confirm, when the event may long have been heard.
        Task<Activity> SpanAsync(Func<Activity, bool> which, string what) =>
            Probe.UntilAsync(() => Task.FromResult(spans.SingleOrDefault(which)), span => span is not null, what)!;
        var publish = await SpanAsync(s => s.OperationName == "publish testing.journey.advanced", "the span of the first publish");
        publish.ParentSpanId.ShouldBe(request);
        var receive = await SpanAsync(
            s => s.TraceId == trace && s.Source.Name == "MassTransit" && s.ParentSpanId == publish.SpanId, "the receive span under the publish");
        (await SpanAsync(s => s.OperationName == "publish testing.journey.recorded", "the span of the second publish")).TraceId.ShouldBe(trace);
        receive.Kind.ShouldBe(ActivityKind.Consumer);
    }

    [Fact]
    public async Task A_consumer_whose_database_goes_away_waits_and_is_no_dead_letter()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        var journey = Guid.CreateVersion7();
        await sender.PublishAsync(new JourneyAdvanced(journey, 1, Word: "loses-its-connection"), new JourneyAdvanced(journey, 2));
        (await EffectsAsync(receiver, 2)).Select(e => e.Step).ShouldBe([1, 2]);
        receiver.Script.Tries[1].ShouldBe(6);
        (await client.CountAsync(Topology.DeadLetterQueueOf(Receiver))).ShouldBe(0u);
    }

    [Fact]
    public async Task A_failing_push_leaves_the_effect_and_is_not_repeated()
    {
        await using var sender = await StartSenderAsync();
        await using var receiver = await StartReceiverAsync();
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1, Word: "push-fails"), new JourneyAdvanced(Guid.CreateVersion7(), 2));
        await EffectsAsync(receiver, 2);
        await Probe.UntilAsync(() => Task.FromResult(receiver.Script.Said.ToArray()), said => said.Length == 2, "both pushes");
        receiver.Script.Said.ShouldBe(["1 committed 1", "2 committed 1"]);
        receiver.Script.Tries[1].ShouldBe(1);
    }

    [Fact]
    public async Task An_event_that_cannot_go_out_is_set_aside_and_only_its_own_subject_waits()
    {
        await using var tap = await TapAsync();
        var database = await servers.CreateDatabaseAsync();
        var (stuck, free) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var sender = await TestService.BuildAsync(Sender, database, servers.Rabbit);
        await sender.PublishAsync(new JourneyAdvanced(stuck, 1), new JourneyAdvanced(stuck, 2), new JourneyAdvanced(free, 1));
        await sender.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            UPDATE outbox_messages SET envelope = convert_to(repeat('x', {Wire.MaxBytes + 1}), 'UTF8')
            WHERE sequence = (SELECT min(sequence) FROM outbox_messages)
            """));
        await sender.StartAsync();
        await HeardAsync(tap, 1);
        await sender.PublishAsync(new JourneyAdvanced(stuck, 3), new JourneyAdvanced(free, 2));
        await HeardAsync(tap, 2);
        Subjects(tap).ShouldBe([free, free]);

        var rows = await sender.WithDbAsync(db => db.Outbox.AsNoTracking().OrderBy(m => m.Sequence).ToListAsync());
        rows[0].SetAsideAt.ShouldNotBeNull();
        rows[0].LastError.ShouldNotBeNull().ShouldContain("1048577 bytes");
        rows.Count(row => row.PublishedAt is null).ShouldBe(3);
    }

    [Fact]
    public async Task An_event_that_is_too_large_fails_where_it_is_published()
    {
        await using var sender = await TestService.BuildAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        var tooLarge = new JourneyAdvanced(Guid.CreateVersion7(), 1, Word: new string('x', Wire.MaxBytes));
        await Should.ThrowAsync<InvalidOperationException>(() => sender.PublishAsync(tooLarge));
    }

    [Fact]
    public async Task A_key_that_the_code_stopped_handling_is_no_longer_bound()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        var database = await servers.CreateDatabaseAsync();
        await using (var before = await TestService.StartAsync(
            Receiver, database, servers.Rabbit, m => m.AddConsumer<RecordJourney>().AddConsumer<EndJourney>()))
            await Probe.UntilAsync(before.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        await using var after = await TestService.StartAsync(Receiver, database, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await Probe.UntilAsync(after.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        var journey = Guid.CreateVersion7();
        await client.SendAsync("testing.journey.ended", Envelope("testing.journey.ended", journey, $$"""{ "journeyId": "{{journey}}" }"""));
        await client.SendAsync("testing.journey.advanced", Envelope("testing.journey.advanced", journey, $$"""{ "journeyId": "{{journey}}", "step": 1 }"""));
        await EffectsAsync(after, 1);
        (await client.CountAsync(Topology.DeadLetterQueueOf(Receiver))).ShouldBe(0u);
    }

    private static ActivityListener Listen(Action<Activity> stopped)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "MassTransit" or MessagingMetrics.Name or "Test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static object[] Steps(Guid journey, int count) => [.. Enumerable.Range(1, count).Select(step => new JourneyAdvanced(journey, step))];

    private static string Envelope(string type, Guid subject, string data) =>
        $$"""
        { "eventId": "{{Guid.CreateVersion7()}}", "eventType": "{{type}}", "timestamp": "2026-11-20T09:30:00.123Z", "schemaVersion": 1,
          "source": "elsewhere", "correlationId": "from-outside", "subject": "{{subject}}", "data": {{data}} }
        """;

    private static JsonElement Data(byte[] body) => JsonDocument.Parse(body).RootElement.GetProperty("data");

    private static List<Guid> Subjects(PlainClient tap) => [.. tap.Heard.Select(m => Data(m.Body).GetProperty("journeyId").GetGuid())];

    private static Task<int> HeardAsync(PlainClient tap, int count) =>
        Probe.UntilAsync(() => Task.FromResult(tap.Heard.Count), heard => heard >= count, $"{count} messages on the exchange");

    private static Task<List<Effect>> EffectsAsync(TestService service, int count) =>
        Probe.UntilAsync(service.EffectsAsync, effects => effects.Count >= count, $"{count} effects", 30);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<PlainClient> TapAsync(string pattern = "testing.#")
    {
        var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await client.TapAsync(pattern);
        return client;
    }

    private async Task<TestService> StartSenderAsync() => await TestService.StartAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);

    /// <summary>A running consumer whose queue is bound: what is published from now on reaches it.</summary>
    private async Task<TestService> StartReceiverAsync()
    {
        var receiver = await TestService.StartAsync(Receiver, await servers.CreateDatabaseAsync(), servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        return receiver;
    }
}

public sealed class EndJourney : IConsumer<JourneyEnded>
{
    public Task Consume(ConsumeContext<JourneyEnded> context) => Task.CompletedTask;
}
