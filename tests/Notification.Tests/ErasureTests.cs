using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Contracts.Notification;
using TalentSphere.TestKit;
using UserErased = TalentSphere.Contracts.Notification.UserErased;

namespace TalentSphere.Notification.Tests;

public class ErasureTests(NotificationFixture service)
{
    [Fact]
    public async Task A_deleted_account_leaves_nothing_and_is_answered_once()
    {
        var (user, neighbour) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await service.GiveAsync(user, 3);
        await service.GiveAsync(neighbour, 1);
        await service.SignedIn(user).PutAsync("/api/v1/notifications/preferences", new { kinds = new[] { new { kind = "welcome", inApp = false } } });

        var eventId = await service.Events.PublishAsync(new UserDeleted(user));
        await service.Events.PublishAsync(new UserDeleted(user), eventId);

        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == user)).Single().Records.ShouldBe(4);
        await service.ListedAsync(user, 0);
        (await service.SignedIn(user).PutAsync("/api/v1/notifications/preferences", new { kinds = Array.Empty<object>() })).Status
            .ShouldBe(HttpStatusCode.Unauthorized, "a token that has not expired yet writes nothing");
        (await service.SignedIn(user).AskAsync("/api/v1/notifications/preferences")).Data["kinds"]!.AsArray().ShouldAllBe(k => k!["inApp"]!.GetValue<bool>());
        await service.ListedAsync(neighbour, 1);
        await service.HandledAsync([await service.Events.PublishAsync(new LevelReached(user, 2, 100))]);
        await service.ListedAsync(user, 0);
    }

    [Fact]
    public async Task What_an_employer_wrote_goes_from_the_notifications_of_others_and_does_not_come_back()
    {
        var (candidate, employer, job, company) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        const string title = "Gardener of “quoted” roses";
        await service.Events.PublishAsync(new ApplicationViewed(Guid.CreateVersion7(), job, company, candidate, title, employer));
        await service.Events.PublishAsync(new ApplicationStatusChanged(Guid.CreateVersion7(), job, company, candidate, employer, title, "pending", "reviewing"));
        (await service.ListedAsync(candidate, 2)).Body.ShouldContain("roses");

        await service.Events.PublishAsync(new UserDeleted(employer));

        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == employer)).Single().Records.ShouldBe(2);
        await service.Events.PublishAsync(new ApplicationStatusChanged(Guid.CreateVersion7(), job, company, candidate, employer, title, "reviewing", "rejected"));
        var listed = await service.ListedAsync(candidate, 3);
        listed.Data.AsArray().Select(n => n!["title"]!.GetValue<string>()).ShouldBe(
        [
            "Your application for a job was not successful", "Your application for a job is being reviewed", "Your application for a job was opened",
        ]);
        (await Traces.InDatabaseAsync(service.ConnectionString, "roses")).ShouldBeEmpty();
    }
}
