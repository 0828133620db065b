using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using TalentSphere.Contracts.Gamification;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public class HubTests(NotificationFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_notification_is_pushed_once_to_each_of_the_persons_clients_and_to_nobody_else()
    {
        var stranger = Guid.CreateVersion7();
        await using var phone = await OpenAsync(_user);
        await using var laptop = await OpenAsync(_user);
        await using var other = await OpenAsync(stranger);
        var fact = new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 20);
        var eventId = await service.Events.PublishAsync(fact, correlationId: "push-once");
        await service.Events.PublishAsync(fact, eventId);
        await service.Events.PublishAsync(fact);
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        await service.Events.PublishAsync(new LevelReached(stranger, 9, 3600));

        foreach (var client in (HubClient[])[phone, laptop])
        {
            var heard = await client.HearsAsync(2);
            heard.Select(n => n["kind"]!.GetValue<string>()).ShouldBe(["points-awarded", "level-reached"]);
            heard[0]["correlationId"]!.GetValue<string>().ShouldBe("push-once");
            await Eventually.SeesAsync(() => Task.FromResult(client.Counts), c => c.LastOrDefault() == 2, "the count 2");
        }
        (await other.HearsAsync(1)).Single()["data"]!["level"]!.GetValue<int>().ShouldBe(9);
        // What is pushed is what the list holds.
        foreach (var listed in (await service.ListedAsync(_user, 2)).Data.AsArray())
            phone.Notifications.Count(n => JsonNode.DeepEquals(n, listed)).ShouldBe(1, listed!.ToJsonString());
    }

    [Fact]
    public async Task Reading_on_one_client_moves_the_count_on_the_others()
    {
        var id = (await service.GiveAsync(_user, 3)).Data[0]!["id"]!.GetValue<Guid>();
        await using var laptop = await OpenAsync(_user);
        await service.SignedIn(_user).PostAsync($"/api/v1/notifications/{id}/read");
        await Eventually.SeesAsync(() => Task.FromResult(laptop.Counts), c => c.LastOrDefault(-1) == 2, "the count 2");
        await service.SignedIn(_user).PostAsync("/api/v1/notifications/read-all");
        await Eventually.SeesAsync(() => Task.FromResult(laptop.Counts), c => c.LastOrDefault(-1) == 0, "the count 0");
        laptop.Notifications.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_good_token()
    {
        foreach (var (fault, token) in TestTokens.Forged(_user).Append(("none", "")))
            (await Should.ThrowAsync<WebSocketException>(() => HubClient.OpenAsync(service.Address, token), fault)).Message.ShouldContain("401");
    }

    [Fact]
    public async Task No_span_holds_the_token_of_the_query()
    {
        var tags = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => tags.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(t => $"{t.Key}={t.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);
        var token = TestTokens.Mint(_user);
        await (await HubClient.OpenAsync(service.Address, token)).DisposeAsync();
        await Eventually.TrueAsync(() => tags.Any(t => t.Contains("/hubs/notifications", StringComparison.Ordinal)), "the span of the connection");
        tags.ShouldAllBe(t => !t.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_connection_ends_with_its_token()
    {
        await using var client = await HubClient.OpenAsync(service.Address, TestTokens.Mint(_user, [], TimeSpan.FromSeconds(5)));
        client.IsClosed.ShouldBeFalse();
        await Eventually.TrueAsync(() => client.IsClosed, "the server to close the connection");
    }

    [Fact]
    public async Task Clients_have_nothing_to_call()
    {
        await using var client = await OpenAsync(_user);
        await client.SendAsync("""{"type":1,"invocationId":"1","target":"Notification","arguments":[{}]}""");
        await Eventually.TrueAsync(() => client.Others.Any(m => m["error"] is not null), "the refusal");
        // Still open: the mistake of one call costs no more than that call.
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        (await client.HearsAsync(1)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_long_message_ends_the_connection()
    {
        await using var client = await OpenAsync(_user);
        await client.SendAsync($$"""{"type":1,"target":"{{new string('x', 5000)}}","arguments":[]}""");
        await Eventually.TrueAsync(() => client.IsClosed, "the server to close the connection");
    }

    [Fact]
    public async Task One_person_cannot_open_connections_without_end()
    {
        var clients = new List<HubClient>();
        try
        {
            for (var i = 0; i < 20; i++)
                clients.Add(await OpenAsync(_user));
            await using var more = await OpenAsync(_user);
            await Eventually.TrueAsync(() => more.IsClosed, "the one too many to be closed");
            clients.ShouldAllBe(c => !c.IsClosed);
            await clients[0].DisposeAsync();
            clients.RemoveAt(0);
            // The place is free again.
            await Eventually.TrueAsync(async () =>
            {
                await using var next = await OpenAsync(_user);
                await service.Events.PublishAsync(new PointsAwarded(_user, Guid.CreateVersion7(), 1, "lesson", 1));
                await Eventually.TrueAsync(() => next.IsClosed || next.Notifications.Count > 0, "a push or the end");
                return next.Notifications.Count > 0;
            }, "a place to be free");
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private Task<HubClient> OpenAsync(Guid userId) => HubClient.OpenAsync(service.Address, TestTokens.Mint(userId));
}
