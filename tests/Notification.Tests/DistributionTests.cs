using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Notification.Data;
using TalentSphere.TestKit;
using UserErased = TalentSphere.Contracts.Notification.UserErased;

namespace TalentSphere.Notification.Tests;

/// <summary>Everything that people ask for again and again is answered by the node that has their rows.</summary>
public sealed class DistributionTests(DistributedFixture service) : IClassFixture<DistributedFixture>
{
    private const string _path = "/api/v1/notifications";

    private static readonly Scattering[] _declared =
    [
        new("WHERE quoted_id = ", "Whoever is erased may be quoted to anybody. Once for each account that goes."),
    ];

    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<NotificationDbContext>().ShouldBeEmpty();

    [Fact]
    public async Task Every_query_of_the_hot_paths_names_whose_rows_it_wants()
    {
        service.Database.Plans.Forget();
        var user = Guid.CreateVersion7();
        var client = service.SignedIn(user);

        (await client.AskAsync(_path + "/preferences")).Status.ShouldBe(HttpStatusCode.OK);
        (await client.PutAsync(_path + "/preferences", new { kinds = new[] { new { kind = "welcome", inApp = false } } })).Status.ShouldBe(HttpStatusCode.OK);
        var first = (await service.GiveAsync(user, 3)).Data[0]!["id"]!.GetValue<Guid>();
        (await client.PostAsync($"{_path}/{first}/read")).Status.ShouldBe(HttpStatusCode.OK);
        (await client.AskAsync(_path + "?unread=true")).Json["meta"]!["total"]!.GetValue<int>().ShouldBe(2);
        (await client.PostAsync(_path + "/read-all")).Data["read"]!.GetValue<int>().ShouldBe(2);
        (await client.AskAsync(_path + "/unread-count")).Status.ShouldBe(HttpStatusCode.OK);
        await service.Events.PublishAsync(new UserDeleted(user));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == user)).Single().Records.ShouldBe(4);

        var seen = service.Database.Plans.Seen;
        Scattering.Faults(seen, _declared).ShouldBeEmpty();
        seen.SelectMany(q => q.Partitions.Keys).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(DistributedDatabase.TablesOf<NotificationDbContext>());
    }

    [Fact]
    public async Task A_query_that_names_nobody_is_found()
    {
        service.Database.Plans.Forget();

        await service.WithAsync<NotificationDbContext, int>(db => db.Notifications.CountAsync(n => n.Id == Guid.Empty));

        Scattering.Faults(service.Database.Plans.Seen, []).Single().ShouldContain("notifications 8/8");
        Scattering.Faults([], _declared).Count.ShouldBe(_declared.Length);
    }
}
