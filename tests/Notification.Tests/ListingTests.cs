using System.Net;
using TalentSphere.Contracts.Notification;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public class ListingTests(NotificationFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task The_list_is_mine_and_newest_first_in_pages()
    {
        await service.GiveAsync(Guid.CreateVersion7(), 1);
        var all = await service.GiveAsync(_user, 5);
        var amounts = all.Data.AsArray().Select(n => n!["data"]!["amount"]!.GetValue<int>()).ToList();
        var times = all.Data.AsArray().Select(n => n!["createdAt"]!.GetValue<DateTime>()).ToList();
        times.ShouldBe(times.OrderDescending());
        amounts.Order().ShouldBe([1, 2, 3, 4, 5]);

        var client = service.SignedIn(_user);
        var second = await client.AskAsync("/api/v1/notifications?page=2&limit=2");
        second.Data.AsArray().Select(n => n!["data"]!["amount"]!.GetValue<int>()).ShouldBe(amounts.Skip(2).Take(2));
        second.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(5);
        string.Join(',', second.Headers.GetValues("Link")).ShouldContain("rel=\"next\"");
        (await client.AskAsync("/api/v1/notifications?page=99")).Data.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_has_none()
    {
        var client = service.SignedIn(_user);
        (await client.AskAsync("/api/v1/notifications")).Data.AsArray().ShouldBeEmpty();
        (await client.AskAsync("/api/v1/notifications/unread-count")).Data["unreadCount"]!.GetValue<int>().ShouldBe(0);
        (await client.PostAsync("/api/v1/notifications/read-all")).Data["read"]!.GetValue<int>().ShouldBe(0);
    }

    [Fact]
    public async Task Reading_twice_keeps_the_first_time_and_tells_once()
    {
        var id = (await service.GiveAsync(_user, 2)).Data[0]!["id"]!.GetValue<Guid>();
        var client = service.SignedIn(_user);
        var first = await client.PostAsync($"/api/v1/notifications/{id}/read");
        var again = await client.PostAsync($"/api/v1/notifications/{id}/read");
        first.Status.ShouldBe(HttpStatusCode.OK);
        first.Data["readAt"].ShouldNotBeNull();
        again.Data["readAt"]!.GetValue<DateTime>().ShouldBe(first.Data["readAt"]!.GetValue<DateTime>());
        (await client.AskAsync("/api/v1/notifications/unread-count")).Data["unreadCount"]!.GetValue<int>().ShouldBe(1);
        (await client.AskAsync("/api/v1/notifications?unread=true")).Data.AsArray().Select(n => n!["id"]!.GetValue<Guid>()).ShouldNotContain(id);
        (await client.AskAsync("/api/v1/notifications?unread=false")).Data.AsArray().Count.ShouldBe(2);
        (await service.Events.ExpectAsync<MessageRead>(1, m => m.UserId == _user)).Single().ShouldBe(new MessageRead(id, _user, "in-app"));
    }

    [Fact]
    public async Task Twenty_readers_at_once_read_it_once()
    {
        var id = (await service.GiveAsync(_user, 1)).Data[0]!["id"]!.GetValue<Guid>();
        var client = service.SignedIn(_user);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.PostAsync($"/api/v1/notifications/{id}/read")));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        answers.Select(a => a.Data["readAt"]!.GetValue<string>()).Distinct().Count().ShouldBe(1);
        await service.Events.ExpectAsync<MessageRead>(1, m => m.UserId == _user);
    }

    [Fact]
    public async Task Reading_all_reads_each_once_however_many_ask()
    {
        await service.GiveAsync(_user, 30);
        var client = service.SignedIn(_user);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.PostAsync("/api/v1/notifications/read-all")));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK && a.Data["unreadCount"]!.GetValue<int>() == 0);
        answers.Sum(a => a.Data["read"]!.GetValue<int>()).ShouldBe(30);
        var read = await service.Events.ExpectAsync<MessageRead>(30, m => m.UserId == _user);
        read.Select(m => m.NotificationId).ShouldBeUnique();
    }

    [Fact]
    public async Task What_belongs_to_others_is_not_there()
    {
        var id = (await service.GiveAsync(_user, 1)).Data[0]!["id"]!.GetValue<Guid>();
        var stranger = service.SignedIn(Guid.CreateVersion7(), "admin");
        (await stranger.PostAsync($"/api/v1/notifications/{id}/read")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsync($"/api/v1/notifications/{Guid.CreateVersion7()}/read")).Code.ShouldBe("NOT_FOUND");
        (await stranger.PostAsync("/api/v1/notifications/read-all")).Data["read"]!.GetValue<int>().ShouldBe(0);
        (await service.SignedIn(_user).AskAsync("/api/v1/notifications/unread-count")).Data["unreadCount"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("GET", "/api/v1/notifications")]
    [InlineData("GET", "/api/v1/notifications/unread-count")]
    [InlineData("POST", "/api/v1/notifications/0198c0de-0000-7000-8000-000000000001/read")]
    [InlineData("POST", "/api/v1/notifications/read-all")]
    [InlineData("GET", "/api/v1/notifications/preferences")]
    [InlineData("PUT", "/api/v1/notifications/preferences")]
    [InlineData("GET", "/hubs/notifications")]
    [InlineData("POST", "/hubs/notifications/negotiate")]
    public async Task Nothing_is_answered_without_a_good_token(string method, string path)
    {
        var client = service.Anonymous();
        var answer = await client.ReadAsync(new HttpRequestMessage(new HttpMethod(method), path));
        answer.Status.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ShouldNotBeEmpty();
        foreach (var (fault, token) in TestTokens.Forged(_user, "jobseeker"))
        {
            var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Authorization = new("Bearer", token);
            (await client.ReadAsync(request)).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        }
    }

    [Theory]
    [InlineData("?page=x", "page")]
    [InlineData("?limit=99999999999999999999", "limit")]
    [InlineData("?unread=maybe", "unread")]
    public async Task A_query_of_the_wrong_type_is_named(string query, string field)
    {
        var answer = await service.SignedIn(_user).AskAsync("/api/v1/notifications" + query);
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe([field]);
    }

    [Theory]
    [InlineData("/api/v1/notifications/not-an-id/read")]
    [InlineData("/api/v1/notifications/%00/read")]
    public async Task What_is_no_id_is_not_there(string path) =>
        (await service.SignedIn(_user).PostAsync(path)).Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
}
