using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Erasure;
using TalentSphere.Contracts;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class ErasureTests(AuthFixture auth)
{
    private static readonly object _password = new { password = Person.Password };

    [Fact]
    public async Task A_deleted_account_leaves_its_case_and_nothing_else()
    {
        var word = $"w{Guid.CreateVersion7():N}";
        var client = auth.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"agent-{word}/1.0");
        var email = $"{word}@example.org";
        var registered = await client.PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = $"Mia {word}" });
        var id = registered.Data["user"]!["id"]!.GetValue<Guid>();
        await client.PostAsync("/api/v1/auth/login", new { email, password = "violet-harbor-43" });
        var second = await client.PostAsync("/api/v1/auth/login", new { email, password = Person.Password });
        await client.PostAsync("/api/v1/auth/logout", new { refreshToken = second.Data["refreshToken"]!.GetValue<string>() });
        (await Traces.InDatabaseAsync(auth.ConnectionString, word)).Count.ShouldBeGreaterThan(4);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", registered.Data["accessToken"]!.GetValue<string>());

        var deleted = await client.RemoveAsync("/api/v1/auth/me", _password);

        deleted.Status.ShouldBe(HttpStatusCode.Accepted, deleted.Body);
        deleted.Headers.Location!.ToString().ShouldBe(deleted.Data["receipt"]!.GetValue<string>());
        (await Traces.InDatabaseAsync(auth.ConnectionString, word)).ShouldBeEmpty();
        await auth.Events.ExpectAsync<UserDeleted>(1, e => e.UserId == id);

        var wrong = await auth.LoginAsync(email, Person.Password);
        (wrong.Status, wrong.Code).ShouldBe((HttpStatusCode.Unauthorized, "AUTH_001"));
        (await auth.RefreshAsync(registered.Data["refreshToken"]!.GetValue<string>())).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await client.AskAsync("/api/v1/auth/verify")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.AskAsync("/api/v1/auth/me")).Code.ShouldBe("USER_001");

        client.DefaultRequestHeaders.Authorization = null;
        var again = await client.PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = "Mia" });
        again.Data["user"]!["id"]!.GetValue<Guid>().ShouldNotBe(id);
    }

    [Fact]
    public async Task Asked_many_times_at_once_it_is_one_case()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => client.RemoveAsync("/api/v1/auth/me", _password)));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Accepted);
        var caseId = answers.Select(a => a.Data["caseId"]!.GetValue<string>()).Distinct().ShouldHaveSingleItem();
        caseId.Length.ShouldBe(43);
        // Whose first answer got lost asks again.
        (await client.RemoveAsync("/api/v1/auth/me", _password)).Data["caseId"]!.GetValue<string>().ShouldBe(caseId);
        await auth.Events.ExpectAsync<UserDeleted>(1, e => e.UserId == person.Id);
        (await auth.InDatabaseAsync(db => db.ErasureCases.CountAsync(e => e.UserId == person.Id))).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_password_deletes_nothing_and_is_counted_by_the_lock()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Bearer(person.AccessToken);
        (await client.RemoveAsync("/api/v1/auth/me", new { })).Fields.ShouldBe(["password"]);
        for (var i = 0; i < 5; i++)
        {
            var wrong = await client.RemoveAsync("/api/v1/auth/me", new { password = "violet-harbor-43" });
            (wrong.Status, wrong.Code).ShouldBe((HttpStatusCode.Forbidden, "AUTH_PASSWORD_WRONG"));
        }
        var locked = await client.RemoveAsync("/api/v1/auth/me", _password);
        (locked.Status, locked.Code).ShouldBe((HttpStatusCode.Locked, "AUTH_LOCKED"));
        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_LOCKED");
        (await client.AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.Anonymous().RemoveAsync("/api/v1/auth/me", _password)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        auth.Events.Of<UserDeleted>(e => e.UserId == person.Id).ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_signs_in_while_it_happens_ends_up_signed_out()
    {
        var person = await auth.RegisterAsync();
        var attempts = Enumerable.Range(0, 8).Select(_ => auth.LoginAsync(person.Email, Person.Password)).ToList();
        var deleted = await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", _password);
        deleted.Status.ShouldBe(HttpStatusCode.Accepted, deleted.Body);
        var answers = await Task.WhenAll(attempts);
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK || a.Code == "AUTH_001");
        foreach (var answer in answers.Where(a => a.Status == HttpStatusCode.OK))
            (await auth.RefreshAsync(answer.Data["refreshToken"]!.GetValue<string>())).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.AccountId == person.Id))).ShouldBe(0);
        (await Traces.InDatabaseAsync(auth.ConnectionString, person.Email)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_answer_closes_the_case_in_whatever_order_and_however_often_they_come()
    {
        var person = await auth.RegisterAsync();
        var receipt = (await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", _password)).Data["receipt"]!.GetValue<string>();
        var open = (await auth.Anonymous().AskAsync(receipt)).Data;
        open["status"]!.GetValue<string>().ShouldBe("open");
        open["services"]!.AsArray().Select(s => s!["service"]!.GetValue<string>())
            .ShouldBe(["auth", "challenges", "gamification", "gateway", "jobs", "lms", "notification"]);
        open["services"]!.AsArray().Where(s => s!["erasedAt"] is not null).ShouldHaveSingleItem()!["service"]!.GetValue<string>().ShouldBe("auth");
        open.ToJsonString().ShouldNotContain(person.Id.ToString());

        // Of somebody whom nobody asked to be forgotten: it holds up nothing.
        await auth.Events.PublishAsync(new Contracts.Jobs.UserErased(Guid.CreateVersion7(), 1));
        await auth.Events.PublishAsync(new Contracts.Notification.UserErased(person.Id, 7));
        await auth.Events.PublishAsync(new Contracts.Lms.UserErased(person.Id, 1));
        await auth.Events.PublishAsync(new Contracts.Notification.UserErased(person.Id, 0));
        await auth.Events.PublishAsync(new Contracts.Jobs.UserErased(person.Id, 3));
        await auth.Events.PublishAsync(new Contracts.Challenges.UserErased(person.Id, 0));
        await auth.Events.PublishAsync(new Contracts.Gateway.UserErased(person.Id, 0));
        var waiting = await AnsweredAsync(6);
        waiting["status"]!.GetValue<string>().ShouldBe("open");
        waiting["closedAt"].ShouldBeNull();

        await auth.Events.PublishAsync(new Contracts.Gamification.UserErased(person.Id, 1));
        var closed = await AnsweredAsync(7);
        closed["status"]!.GetValue<string>().ShouldBe("closed");
        closed["closedAt"].ShouldNotBeNull();
        closed["services"]!.AsArray().Single(s => s!["service"]!.GetValue<string>() == "notification")!["records"]!.GetValue<int>().ShouldBe(7);
        await Eventually.TrueAsync(() => auth.Log.Any(l => l.Contains($"Account {person.Id} is erased everywhere")), "the log to say so");

        async Task<System.Text.Json.Nodes.JsonNode> AnsweredAsync(int services) => (await Eventually.SeesAsync(
            () => auth.Anonymous().AskAsync(receipt), a => a.Data["services"]!.AsArray().Count(s => s!["erasedAt"] is not null) == services,
            $"{services} answers")).Data;
    }

    [Fact]
    public void Every_service_that_can_answer_is_expected() => ExpectedAnswers.Services.Order().ShouldBe(
        typeof(IUserErased).Assembly.GetTypes().Where(t => t is { IsClass: true } && t.IsAssignableTo(typeof(IUserErased)))
            .Select(t => t.Namespace!.Split('.')[^1].ToLowerInvariant()).Append("auth").Order());

    [Theory]
    [InlineData("unknown")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task There_is_no_receipt_for_a_guess(string caseId) =>
        (await auth.Anonymous().AskAsync("/api/v1/auth/erasures/" + caseId)).Status.ShouldBe(HttpStatusCode.NotFound);
}
