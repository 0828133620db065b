using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Notification.Data;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public sealed class RebuildTests(RebuildFixture service) : IClassFixture<RebuildFixture>
{
    private readonly RebuildDriver _rebuild = new(service.SignedIn(Guid.CreateVersion7(), Roles.Admin), "notification");
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task What_somebody_did_not_want_then_is_not_made_up_now_and_what_they_wanted_then_stays()
    {
        var client = service.SignedIn(_user);
        await service.GiveAsync(_user, 2);
        await WantsPointsAsync(client, false);
        var muted = await service.Events.PublishAsync(new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 99));
        await service.HandledAsync([muted]);
        await WantsPointsAsync(client, true);
        await service.Events.PublishAsync(new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 119));
        await service.ListedAsync(_user, 3);
        await WantsPointsAsync(client, false);

        var state = await CompareAsync();

        var table = state.Data["tables"]![0]!;
        table["equal"]!.GetValue<bool>().ShouldBeTrue(state.Body);
        table["liveRows"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_notification_lost_by_hand_comes_back_and_what_was_read_stays_read()
    {
        var client = service.SignedIn(_user);
        var listed = await service.GiveAsync(_user, 5);
        var (lost, read) = (listed.Data[0]!["id"]!.GetValue<Guid>(), listed.Data[3]!["id"]!.GetValue<Guid>());
        (await client.PostAsync($"/api/v1/notifications/{read}/read")).Status.ShouldBe(HttpStatusCode.OK);
        var before = (await client.AskAsync("/api/v1/notifications?limit=100")).Data.ToJsonString();
        await service.WithAsync<NotificationDbContext, int>(db => db.Notifications.Where(n => n.Id == lost).ExecuteDeleteAsync());
        await service.WithAsync<NotificationDbContext, int>(db => db.Notifications.Where(n => n.Id == read).ExecuteUpdateAsync(set => set.SetProperty(n => n.Title, "Forged")));

        var table = (await CompareAsync()).Data["tables"]![0]!;

        table["equal"]!.GetValue<bool>().ShouldBeFalse();
        table["changed"]!.GetValue<int>().ShouldBe(1);
        table["onlyShadow"]!.GetValue<int>().ShouldBe(1);
        table["onlyLive"]!.GetValue<int>().ShouldBe(0);
        string.Join(' ', table["differing"]!.AsArray()).ShouldContain(lost.ToString());
        (await _rebuild.SwapAsync()).Data["phase"]!.GetValue<string>().ShouldBe("live");
        (await client.AskAsync("/api/v1/notifications?limit=100")).Data.ToJsonString().ShouldBe(before);
        (await client.AskAsync("/api/v1/notifications?unread=true&limit=100")).Data.AsArray().Count.ShouldBe(4);
        await service.GiveAsync(Guid.CreateVersion7(), 1);
    }

    private async Task<Answer> CompareAsync()
    {
        IEnumerable<EventEnvelope> Heard() => service.Events.Heard.Where(e => !e.EventType.StartsWith("notification.", StringComparison.Ordinal));
        var applied = await service.WithAsync<NotificationDbContext, List<Guid>>(db => db.Set<InboxMessage>().Select(m => m.MessageId).ToListAsync());
        await Eventually.TrueAsync(() => !applied.Except(Heard().Select(e => e.EventId)).Any(), "the tap to hear what was applied");
        await _rebuild.BeginAnewAsync();
        await _rebuild.BringAsync(Heard());
        return await _rebuild.CompareAsync();
    }

    private static async Task WantsPointsAsync(HttpClient client, bool wants) =>
        (await client.PutAsync("/api/v1/notifications/preferences", new { kinds = new[] { new { kind = "points-awarded", inApp = wants } } })).Status.ShouldBe(HttpStatusCode.OK);
}
