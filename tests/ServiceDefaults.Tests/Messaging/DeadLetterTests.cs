using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

/// <summary>What operators do with events that went no further.</summary>
[Collection("Messaging")]
public sealed class DeadLetterTests(Servers servers)
{
    private const string _key = "testing.journey.advanced";
    private readonly string _name = $"d{Guid.CreateVersion7():N}";

    private string Sender => _name + "-out";

    private string Receiver => _name + "-in";

    private string Letters => Topology.DeadLetterQueueOf(Receiver);

    [Fact]
    public async Task Looking_at_the_dead_letters_leaves_each_where_it_is_and_shows_all_of_them_to_everybody()
    {
        const int count = 40;
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        var database = await servers.CreateDatabaseAsync();
        await using var first = await StartReceiverAsync(database);
        await using var second = await StartReceiverAsync(database);
        for (var i = 0; i < count; i++)
            await client.SendAsync(_key, $"no event {i}");
        await DeadAsync(client, count);

        var expected = await ListAsync(first);
        expected.Select(e => e.Id).ShouldBeUnique();
        for (var i = 0; i < 25; i++)
            (await ListAsync(i % 2 == 0 ? first : second)).ShouldBe(expected);
        foreach (var seen in await Task.WhenAll(Enumerable.Range(0, 10).Select(i => ListAsync(i % 2 == 0 ? first : second))))
            seen.ShouldBe(expected);
        (await client.CountAsync(Letters)).ShouldBe((uint)count);
    }

    [Fact]
    public async Task However_often_and_by_however_many_dead_letters_are_replayed_each_takes_effect_once()
    {
        const int count = 30;
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var tap = await PlainClient.ConnectAsync(servers.Rabbit);
        await tap.TapAsync(_key);
        await using var sender = await TestService.StartAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        var database = await servers.CreateDatabaseAsync();
        await using var first = await StartReceiverAsync(database);
        await using var second = await StartReceiverAsync(database);
        await sender.PublishAsync([.. Enumerable.Range(1, count).Select(step => new JourneyAdvanced(Guid.CreateVersion7(), step, Word: "fails-while-broken"))]);
        await DeadAsync(client, count);

        first.Script.IsBroken = second.Script.IsBroken = false;
        var replayed = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ReplayAsync(i % 2 == 0 ? first : second)));
        replayed.Sum().ShouldBe(count);
        await EffectsAsync(first, count);
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), count + 1));
        (await EffectsAsync(first, count + 1)).Select(e => e.Step).Order().ShouldBe(Enumerable.Range(1, count + 1));
        (await client.CountAsync(Letters)).ShouldBe(0u);
    }

    [Fact]
    public async Task A_letter_comes_back_into_the_queue_as_it_first_came()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync(await servers.CreateDatabaseAsync());
        await client.SendAsync(_key, "no event", new BasicProperties
        {
            MessageId = "42",
            Type = "made.up.type",
            ContentType = "text/plain",
            Headers = new Dictionary<string, object?> { ["own"] = "kept" },
        });
        await DeadAsync(client, 1);
        // Looked at once, so that the broker has added what it adds, and redelivered.
        await ListAsync(receiver);
        var (body, properties) = (await OpenAsync(receiver, letters => letters.Select(letter => (letter.Body, letter.Original())).ToList()))[0];
        Encoding.UTF8.GetString(body.Span).ShouldBe("no event");
        properties.MessageId.ShouldBe("42");
        properties.Type.ShouldBe("made.up.type");
        properties.ContentType.ShouldBe("text/plain");
        properties.Persistent.ShouldBeTrue();
        properties.Headers!.Keys.ShouldBe(["own"]);
    }

    [Fact]
    public async Task A_replay_that_dies_before_it_takes_the_letter_out_is_repeated_without_a_second_effect()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var sender = await TestService.StartAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        await using var receiver = await StartReceiverAsync(await servers.CreateDatabaseAsync());
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1, Word: "fails-while-broken"));
        await DeadAsync(client, 1);
        receiver.Script.IsBroken = false;

        // Published and confirmed; the connection ends where the letter was to be taken out.
        await using (var session = await BrokerSession.OpenAsync(
            receiver.Services.GetRequiredService<Broker>().CreateFactory(), (_, _) => Task.CompletedTask, default))
        {
            var letters = await OpenDeadLetters.OpenAsync(session, Receiver, default);
            var back = (await letters.ReadAsync(default)).Select(letter => new Outgoing("", Topology.QueueOf(Receiver), letter.Original(), letter.Body));
            (await session.PublishAsync([.. back])).ShouldBe([true]);
        }

        await EffectsAsync(receiver, 1);
        await DeadAsync(client, 1);
        (await ReplayAsync(receiver)).ShouldBe(1);
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 2));
        (await EffectsAsync(receiver, 2)).Select(e => e.Step).ShouldBe([1, 2]);
        (await client.CountAsync(Letters)).ShouldBe(0u);
    }

    [Fact]
    public async Task What_is_no_event_has_a_lasting_id_and_is_listed_shown_replayed_and_discarded_like_any_other()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync(await servers.CreateDatabaseAsync());
        var known = Guid.CreateVersion7();
        await client.SendAsync(_key, [0xFF, 0xFE, 0x00], new BasicProperties());
        await client.SendAsync(_key, $$"""{ "eventId": "{{known}}", "eventType": "testing.journey.never", "subject": "s", "correlationId": "c", "data": {} }""");
        await client.SendAsync(_key, $$"""{ "eventId": "{{known}}", "data": "{{new string('x', Wire.MaxBytes)}}" """);
        await DeadAsync(client, 3);

        var listed = await ListAsync(receiver);
        listed[0].Id.Version.ShouldBe(8);
        (listed[1].Id, listed[1].EventType, listed[1].Subject, listed[1].CorrelationId).ShouldBe((known, "testing.journey.never", "s", "c"));
        (listed[2].Id, listed[2].Size > Wire.MaxBytes, listed[2].Reason.Contains("at most 1048576", StringComparison.Ordinal)).ShouldBe((known, true, true));
        var shown = await OpenAsync(receiver, letters => letters.Select(letter => letter.Describe(1)).ToList());
        shown[0].Body.ShouldBe(new DeadEventBody { Base64 = "//4A" });
        shown[1].Body.Json!.Value.GetProperty("eventType").GetString().ShouldBe("testing.journey.never");
        shown[2].Body.Text!.Length.ShouldBe(DeadEventBody.MaxShown);
        shown[2].Body.Cut.ShouldBeTrue();

        // Nothing has been mended: they come back, later than before, under the same ids.
        (await ReplayAsync(receiver)).ShouldBe(3);
        await DeadAsync(client, 3);
        var again = await ListAsync(receiver);
        again.Select(e => e.Id).ShouldBe(listed.Select(e => e.Id), ignoreOrder: true);
        again.Min(e => e.At).ShouldNotBeNull().ShouldBeGreaterThan(listed.Max(e => e.At)!.Value);

        await receiver.Services.GetRequiredService<DeadLetterBox>().OpenAsync(async letters =>
        {
            foreach (var letter in (await letters.ReadAsync(default)).Where(letter => letter.Event.Id == known))
                await letters.RemoveAsync(letter);
            return 0;
        }, default);
        (await ListAsync(receiver)).Select(e => e.Id).ShouldBe([listed[0].Id]);
    }

    [Fact]
    public async Task A_set_aside_event_that_is_released_goes_out_before_those_that_waited_behind_it()
    {
        await using var tap = await PlainClient.ConnectAsync(servers.Rabbit);
        await tap.TapAsync(_key);
        var (stuck, free) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var sender = await TestService.BuildAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        await sender.PublishAsync(new JourneyAdvanced(stuck, 1), new JourneyAdvanced(stuck, 2), new JourneyAdvanced(free, 9));
        await sender.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"""
            CREATE TABLE kept AS SELECT envelope FROM outbox_messages WHERE sequence = 1;
            UPDATE outbox_messages SET envelope = convert_to(repeat('x', {Wire.MaxBytes + 1}), 'UTF8') WHERE sequence = 1;
            """));
        await sender.StartAsync();
        await Probe.UntilAsync(() => Task.FromResult(tap.Heard.Count), n => n == 1, "the other subject's event");
        var aside = sender.Services.GetRequiredService<SetAsideEvents>();
        var listed = (await aside.ListAsync(default)).ShouldHaveSingleItem();
        (listed.Kind, listed.Subject, listed.Size).ShouldBe((DeadEventKind.SetAside, stuck.ToString(), Wire.MaxBytes + 1));
        (await aside.FindAsync(listed.Id, default)).ShouldNotBeNull().Body.Cut.ShouldBeTrue();

        await sender.WithDbAsync(db => db.Database.ExecuteSqlAsync($"UPDATE outbox_messages SET envelope = (SELECT envelope FROM kept) WHERE sequence = 1"));
        (await aside.ReleaseAsync(listed.Id, DateTime.UtcNow, default)).ShouldBe(1);
        await Probe.UntilAsync(() => Task.FromResult(tap.Heard.Count), n => n == 3, "what waited");
        tap.Heard.Select(m => System.Text.Json.JsonDocument.Parse(m.Body).RootElement.GetProperty("data").GetProperty("step").GetInt32()).ShouldBe([9, 1, 2]);
        (await aside.ListAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_set_aside_event_that_is_discarded_lets_those_behind_it_go()
    {
        await using var tap = await PlainClient.ConnectAsync(servers.Rabbit);
        await tap.TapAsync(_key);
        var stuck = Guid.CreateVersion7();
        await using var sender = await TestService.BuildAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        await sender.PublishAsync(new JourneyAdvanced(stuck, 1), new JourneyAdvanced(stuck, 2));
        await sender.WithDbAsync(db => db.Database.ExecuteSqlAsync(
            $"UPDATE outbox_messages SET envelope = convert_to(repeat('x', {Wire.MaxBytes + 1}), 'UTF8') WHERE sequence = 1"));
        await sender.StartAsync();
        var aside = sender.Services.GetRequiredService<SetAsideEvents>();
        var id = (await Probe.UntilAsync(() => aside.ListAsync(default), seen => seen.Count == 1, "an event set aside"))[0].Id;
        (await aside.DiscardAsync(id, default)).ShouldBeTrue();
        (await aside.DiscardAsync(id, default)).ShouldBeFalse();
        await Probe.UntilAsync(() => Task.FromResult(tap.Heard.Count), n => n == 1, "what waited");
    }

    [Fact]
    public async Task The_ledger_tells_what_was_published_applied_retried_and_given_up()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var sender = await TestService.StartAsync(Sender, await servers.CreateDatabaseAsync(), servers.Rabbit);
        await using var receiver = await StartReceiverAsync(await servers.CreateDatabaseAsync());
        Http.Correlation.Begin(_name);
        await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1), new JourneyAdvanced(Guid.CreateVersion7(), 2, Word: "fails-while-broken"));
        await DeadAsync(client, 1);

        var published = (await Ledger(sender).OfAsync(_name, default)).Published;
        published.Count.ShouldBe(2);
        published.ShouldAllBe(e => e.EventType == _key && e.CorrelationId == _name && e.PublishedAt != null && e.Attempts == 1);
        var ids = published.Select(e => e.Id).ToArray();
        var share = await Ledger(receiver).OfAsync(ids, default);
        share.Handles.ShouldBe([_key]);
        var received = ids.Select(id => share.Received.Single(r => r.Id == id)).ToList();
        (received[0].AppliedAtTry, received[0].Failures.Count, received[0].DeadLetter).ShouldBe((1, 0, null));
        received[0].AppliedAt.ShouldNotBeNull().ShouldBeInRange(published[0].RecordedAt, DateTime.UtcNow);
        received[1].AppliedAt.ShouldBeNull();
        received[1].Failures.Select(f => (f.Try, f.Last)).ShouldBe([(1, false), (2, false), (3, true)]);
        received[1].DeadLetter.ShouldNotBeNull().Reason.ShouldBe("InvalidOperationException: Something is broken.");
        // The letter alone also knows the request.
        (await Ledger(receiver).OfAsync(_name, default)).Received.Select(r => r.Id).ShouldBe([ids[1]]);

        receiver.Script.IsBroken = false;
        await ReplayAsync(receiver);
        await EffectsAsync(receiver, 2);
        var mended = (await Ledger(receiver).OfAsync([ids[1]], default)).Received.Single();
        (mended.AppliedAtTry, mended.Failures.Count, mended.DeadLetter).ShouldBe((1, 3, null));
        (await Ledger(receiver).OfAsync([Guid.CreateVersion7()], default)).Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_broker_is_away_one_replica_tells_how_much_waits_and_the_dead_letters_cannot_be_seen()
    {
        const string nobody = "amqp://guest:guest@127.0.0.1:1/";
        var database = await servers.CreateDatabaseAsync();
        await using var first = await TestService.StartAsync(Sender, database, nobody);
        await using var second = await TestService.StartAsync(Sender, database, nobody);
        await first.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), 1), new JourneyAdvanced(Guid.CreateVersion7(), 2));
        await Probe.UntilAsync(
            () => Task.FromResult<double[]>([Gauge(first, "outbox_pending"), Gauge(second, "outbox_pending")]),
            seen => seen.Count(v => v is 2) == 1 && seen.Count(v => double.IsNaN(v)) == 1, "one that tells of two events");
        double[] ages = [Gauge(first, "outbox_oldest_seconds"), Gauge(second, "outbox_oldest_seconds")];
        ages.Where(age => !double.IsNaN(age)).ShouldHaveSingleItem().ShouldBeInRange(0, 60);
        (await Should.ThrowAsync<ApiException>(() => ListAsync(first))).Problem.Status.ShouldBe(503);
        (await Ledger(first).OfAsync([Guid.CreateVersion7()], default)).DeadLettersRead.ShouldBeFalse();
    }

    [Fact]
    public async Task The_depth_of_the_dead_letter_queue_is_told_by_the_replica_that_leads()
    {
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using (var before = await StartReceiverAsync(await servers.CreateDatabaseAsync()))
        {
            await client.SendAsync(_key, "no event");
            await DeadAsync(client, 1);
        }
        var database = await servers.CreateDatabaseAsync();
        await using var first = await StartReceiverAsync(database);
        await using var second = await StartReceiverAsync(database);
        await Probe.UntilAsync(
            () => Task.FromResult<double[]>([Gauge(first, "queue_dead_letters"), Gauge(second, "queue_dead_letters")]),
            seen => seen.Count(v => v is 1) == 1 && seen.Count(v => double.IsNaN(v)) == 1, "one that tells of one letter");
    }

    [Fact]
    public async Task A_queue_that_is_longer_than_one_look_is_listed_in_part_searched_to_its_end_and_replayed_in_steps()
    {
        const int count = OpenDeadLetters.MaxLetters + 100;
        await using var client = await PlainClient.ConnectAsync(servers.Rabbit);
        await using var receiver = await StartReceiverAsync(await servers.CreateDatabaseAsync());
        await receiver.Services.GetRequiredService<EventBus>().StopAsync(default);
        var last = Guid.CreateVersion7();
        var letters = Enumerable.Range(1, count).Select(i => new Outgoing(
            "", Letters, new BasicProperties { MessageId = i == count ? last.ToString() : null }, Encoding.UTF8.GetBytes($"no event {i}")));
        (await (await receiver.Services.GetRequiredService<Broker>().SessionAsync(default)).PublishAsync([.. letters])).ShouldAllBe(taken => taken);

        (await ListAsync(receiver)).Count.ShouldBe(OpenDeadLetters.MaxLetters);
        var found = await receiver.Services.GetRequiredService<DeadLetterBox>().OpenAsync(open => open.FindAsync(last, default), default);
        found.ShouldHaveSingleItem().Event.Id.ShouldBe(last);
        (await receiver.Services.GetRequiredService<DeadLetterBox>().OpenAsync(open => open.FindAsync(Guid.CreateVersion7(), default), default)).ShouldBeEmpty();
        (await ReplayAsync(receiver)).ShouldBe(OpenDeadLetters.MaxLetters);
        (await ReplayAsync(receiver)).ShouldBe(count - OpenDeadLetters.MaxLetters);
        (await client.CountAsync(Topology.QueueOf(Receiver))).ShouldBe((uint)count);
    }

    private static double Gauge(TestService service, string name) => InstrumentReader.Read(service.Services, name);

    private static DeliveryLedger Ledger(TestService service) => service.Services.GetRequiredService<DeliveryLedger>();

    private static Task<T> OpenAsync<T>(TestService service, Func<IReadOnlyList<DeadLetter>, T> look) =>
        service.Services.GetRequiredService<DeadLetterBox>().OpenAsync(async letters => look(await letters.ReadAsync(default)), default);

    private static Task<List<DeadEvent>> ListAsync(TestService service) => OpenAsync(service, letters => letters.Select(letter => letter.Event).ToList());

    private static Task<int> ReplayAsync(TestService service) =>
        service.Services.GetRequiredService<DeadLetterBox>().OpenAsync(async letters => await letters.ReplayAsync(await letters.ReadAsync(default)), default);

    private static Task<List<Effect>> EffectsAsync(TestService service, int count) =>
        Probe.UntilAsync(service.EffectsAsync, effects => effects.Count >= count, $"{count} effects", 30);

    private Task<uint> DeadAsync(PlainClient client, int count) =>
        Probe.UntilAsync(() => client.CountAsync(Letters), n => n == count, $"{count} dead letters", 40);

    private async Task<TestService> StartReceiverAsync(string database)
    {
        var receiver = await TestService.StartAsync(Receiver, database, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        return receiver;
    }
}
