using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

/// <summary>The routes by which operators deal with events, which every service has from one place.</summary>
public sealed class EventAdministration(LmsApp app)
{
    private const string _events = "/api/v1/admin/lms/events";
    private const string _heard = "auth.user.deleted";

    [Fact]
    public async Task Operators_may_look_and_replay_and_only_administrators_see_bodies_and_discard()
    {
        var id = Guid.CreateVersion7();
        (HttpMethod Method, string Path, bool Private)[] routes =
        [
            (HttpMethod.Get, "/dead", false), (HttpMethod.Post, $"/dead/{id}/replay", false), (HttpMethod.Post, "/dead/replay?before=2020-01-01T00:00:00Z", false),
            (HttpMethod.Get, $"/{id}", false), (HttpMethod.Get, $"?ids={id}", false), (HttpMethod.Get, $"/dead/{id}", true), (HttpMethod.Delete, $"/dead/{id}", true),
        ];
        foreach (var (method, path, isPrivate) in routes)
        {
            async Task<int> AsAsync(HttpClient client) => (int)(await client.ReadAsync(new HttpRequestMessage(method, _events + path))).Status;
            (await AsAsync(app.Anonymous())).ShouldBe(401, path);
            (await AsAsync(app.Learner())).ShouldBe(403, path);
            (await AsAsync(app.Instructor())).ShouldBe(403, path);
            var known = path.Contains(id.ToString(), StringComparison.Ordinal) && !path.Contains('?') ? 404 : 200;
            (await AsAsync(app.Admin())).ShouldBe(known, path);
            (await AsAsync(app.SignedIn(Guid.CreateVersion7(), Roles.Ops))).ShouldBe(isPrivate ? 403 : known, path);
        }
    }

    [Theory]
    [InlineData("/dead?kind=undead", "kind")]
    [InlineData("/dead?limit=abc", "limit")]
    [InlineData("", "correlationId,ids")]
    [InlineData("?correlationId=a&ids=b", "correlationId,ids")]
    [InlineData("?correlationId=a%20b", "correlationId")]
    [InlineData("?ids=,", "ids")]
    [InlineData("?ids=01a1f8cf-4816-7000-893c-733a590415b9,7", "ids")]
    public async Task What_makes_no_sense_is_422_and_named(string query, string fields)
    {
        var answer = await app.Admin().AskAsync(_events + query);
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe(fields.Split(','));
    }

    [Fact]
    public async Task More_than_a_hundred_ids_are_422() =>
        (await app.Admin().AskAsync($"{_events}?ids={string.Join(',', Enumerable.Range(0, 101).Select(_ => Guid.CreateVersion7()))}"))
            .Fields.ShouldBe(["ids"]);

    [Fact]
    public async Task A_dead_letter_is_listed_shown_replayed_and_discarded()
    {
        using var admin = app.Admin();
        var id = Guid.CreateVersion7();
        var sent = $$"""{ "eventId": "{{id}}", "eventType": "{{_heard}}", "subject": "somebody", "correlationId": "dead-{{id}}", "data": { "userId": 7 } }""";
        await app.Events.PublishRawAsync(_heard, Encoding.UTF8.GetBytes(sent), id.ToString());

        var listed = await ListedAsync(admin, id, e => e is not null);
        listed!["kind"]!.GetValue<string>().ShouldBe("dead");
        listed["eventType"]!.GetValue<string>().ShouldBe(_heard);
        listed["subject"]!.GetValue<string>().ShouldBe("somebody");
        listed["correlationId"]!.GetValue<string>().ShouldBe($"dead-{id}");
        listed["size"]!.GetValue<int>().ShouldBe(sent.Length);
        listed["attempts"]!.GetValue<int>().ShouldBe(1);
        listed["reason"]!.GetValue<string>().ShouldNotBeEmpty();
        listed["body"].ShouldBeNull();

        var shown = (await admin.AskAsync($"{_events}/dead/{id}")).Data;
        shown["body"]!["json"]!["data"]!["userId"]!.GetValue<int>().ShouldBe(7);
        shown["stack"]!.GetValue<string>().ShouldNotBeEmpty();
        shown["headers"]!.AsArray().Select(h => h!["name"]!.GetValue<string>()).ShouldContain("x-dead-reason");
        shown["copies"]!.GetValue<int>().ShouldBe(1);

        var share = (await admin.AskAsync($"{_events}/{id}")).Data;
        share["received"]![0]!["deadLetter"]!["id"]!.GetValue<Guid>().ShouldBe(id);
        share["handles"]!.AsArray().Select(k => k!.GetValue<string>()).ShouldContain(_heard);

        // Nobody mended it: it dies again, later. What died before a moment is all that a replay of all touches.
        var died = listed["at"]!.GetValue<DateTime>();
        (await admin.PostAsync($"{_events}/dead/replay?before={died:O}")).Data["replayed"]!.GetValue<int>().ShouldBe(0);
        (await admin.PostAsync($"{_events}/dead/{id}/replay")).Data["replayed"]!.GetValue<int>().ShouldBe(1);
        await ListedAsync(admin, id, e => e?["at"]!.GetValue<DateTime>() > died);

        (await admin.RemoveAsync($"{_events}/dead/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await admin.AskAsync($"{_events}/dead/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await admin.RemoveAsync($"{_events}/dead/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_a_request_brought_about_is_found_by_its_correlation_id()
    {
        using var author = app.Instructor();
        var correlation = $"course-{Guid.CreateVersion7():N}";
        author.DefaultRequestHeaders.Add("x-correlation-id", correlation);
        var course = await LmsApp.PublishAsync(author, 1);
        using var admin = app.Admin();
        var share = await Eventually.SeesAsync(
            () => admin.AskAsync($"{_events}?correlationId={correlation}"),
            a => a.Data["published"]!.AsArray() is [{ } e] && e["publishedAt"] is not null, "one published event");
        var published = share.Data["published"]![0]!;
        published["eventType"]!.GetValue<string>().ShouldBe("lms.course.published");
        published["subject"]!.GetValue<Guid>().ShouldBe(course.Id);
        share.Data["received"]!.AsArray().ShouldBeEmpty();
    }

    private static async Task<JsonNode?> ListedAsync(HttpClient admin, Guid id, Func<JsonNode?, bool> accept) => await Eventually.SeesAsync(
        async () => (await admin.AskAsync($"{_events}/dead?limit=100&kind=dead")).Data.AsArray().SingleOrDefault(e => e!["id"]!.GetValue<Guid>() == id), accept,
        $"the dead letter {id}");
}
