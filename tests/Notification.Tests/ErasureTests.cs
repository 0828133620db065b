using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Notification;
using TalentSphere.TestKit;

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
        (await service.SignedIn(user).AskAsync("/api/v1/notifications/preferences")).Data["kinds"]!.AsArray().ShouldAllBe(k => k!["inApp"]!.GetValue<bool>());
        await service.ListedAsync(neighbour, 1);
    }
}
