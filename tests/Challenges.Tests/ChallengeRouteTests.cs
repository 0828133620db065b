using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class ChallengeRouteTests(ChallengesFixture service)
{
    [Fact]
    public async Task An_author_writes_a_draft_tests_it_and_publishes_it_for_everybody()
    {
        var author = service.Instructor();
        var created = await author.PostAsync(Route, Challenge("Sum of two", "medium", "Math", " warm-up "));
        created.Status.ShouldBe(HttpStatusCode.Created);
        created.Headers.Location!.ToString().ShouldBe($"{Route}/{created.Id}");
        created.Headers.ETag.ShouldNotBeNull();
        created.Data["points"]!.GetValue<int>().ShouldBe(100);
        created.Data["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["math", "warm-up"]);
        created.Data["publishedAt"].ShouldBeNull();
        var route = $"{Route}/{created.Id}";

        (await service.Anonymous().AskAsync(route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Instructor().AskAsync(route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await author.AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK);
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK);

        (await author.PostAsync($"{route}/publish")).Code.ShouldBe("CHALLENGE_INCOMPLETE");
        await author.PostAsync($"{route}/testcases", Test(sample: true));
        (await author.PostAsync($"{route}/publish")).Status.ShouldBe(HttpStatusCode.Conflict);
        await author.PostAsync($"{route}/testcases", Test(sample: false));
        (await author.PostAsync($"{route}/publish")).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        await author.PostAsync($"{route}/solutions", Solution());
        await author.PostAsync($"{route}/solutions", Solution("c"));
        (await author.PostAsync($"{route}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED");
        (await CheckedAsync(author, created.Id)).Data["state"]!.GetValue<string>().ShouldBe("passed");
        var published = await author.PostAsync($"{route}/publish");
        published.Status.ShouldBe(HttpStatusCode.OK);
        var again = await author.PostAsync($"{route}/publish");
        again.Data["publishedAt"]!.ToJsonString().ShouldBe(published.Data["publishedAt"]!.ToJsonString());

        var open = await service.Anonymous().AskAsync(route);
        open.Status.ShouldBe(HttpStatusCode.OK);
        open.Headers.CacheControl!.Public.ShouldBeTrue();
        var unchanged = new HttpRequestMessage(HttpMethod.Get, route);
        unchanged.Headers.IfNoneMatch.Add(open.Headers.ETag!);
        (await service.Anonymous().ReadAsync(unchanged)).Status.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_list_shows_what_is_published_and_filters_it()
    {
        var author = service.Instructor();
        var tag = "t" + Guid.CreateVersion7().ToString("N");
        var easy = await PublishedAsync(author, "Ascending 100%", "easy", tags: [tag, "sorting"]);
        var hard = await PublishedAsync(author, "Descending_order", "hard", tags: [tag]);
        await DraftAsync(author, "Ascending draft", "easy", tag);
        Ids(await Ask($"?tag={tag}")).ShouldBe([hard, easy]);
        Ids(await Ask($"?tag={tag}&difficulty=Easy")).ShouldBe([easy]);
        Ids(await Ask($"?tag={tag}&q=ASCEND")).ShouldBe([easy]);
        Ids(await Ask($"?tag={tag}&q=%25")).ShouldBe([easy]);
        Ids(await Ask($"?tag={tag}&q=g_o")).ShouldBe([hard]);
        Ids(await Ask($"?tag={tag}&difficulty=medium")).ShouldBeEmpty();
        var second = await Ask($"?tag={tag}&page=2&limit=1");
        Ids(second).ShouldBe([easy]);
        second.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(2);
        second.Headers.CacheControl!.Public.ShouldBeTrue();
    }

    [Theory]
    [InlineData("?difficulty=impossible", "difficulty")]
    [InlineData("?difficulty=1", "difficulty")]
    [InlineData("?difficulty=x&tag=a%00&q=b%00", "difficulty,q,tag")]
    [InlineData("?page=first", "page")]
    public async Task A_list_that_cannot_be_asked_for_names_the_fields(string query, string fields)
    {
        var answer = await Ask(query);
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        string.Join(',', answer.Fields).ShouldBe(fields);
    }

    [Fact]
    public async Task A_change_replaces_the_texts_and_an_old_version_is_refused()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var read = await author.AskAsync($"{Route}/{id}");
        var changed = await PutAsync(author, id, Challenge("Add three numbers", "hard"), read.Headers.ETag!.Tag);
        changed.Status.ShouldBe(HttpStatusCode.OK);
        changed.Data["title"]!.GetValue<string>().ShouldBe("Add three numbers");
        changed.Data["points"]!.GetValue<int>().ShouldBe(200);
        (await PutAsync(author, id, Challenge("Late"), read.Headers.ETag!.Tag)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await PutAsync(author, id, Challenge("In time"), changed.Headers.ETag!.Tag)).Status.ShouldBe(HttpStatusCode.OK);
        (await author.PutAsync($"{Route}/{id}", Challenge("Without a condition"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_changes_to_one_version_only_one_succeeds()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var tag = (await author.AskAsync($"{Route}/{id}")).Headers.ETag!.Tag;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PutAsync(author, id, Challenge($"Number {i}"), tag)));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed).ShouldBe(19);
    }

    [Fact]
    public async Task A_changed_sample_is_a_new_version_of_the_challenge()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var before = await service.Anonymous().AskAsync($"{Route}/{id}");
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true, "5 5\n", "10\n"));
        var request = new HttpRequestMessage(HttpMethod.Get, $"{Route}/{id}");
        request.Headers.IfNoneMatch.Add(before.Headers.ETag!);
        var after = await service.Anonymous().ReadAsync(request);
        after.Status.ShouldBe(HttpStatusCode.OK);
        after.Data["samples"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_challenge_is_named()
    {
        var author = service.Instructor();
        (await author.PostAsync(Route, new { })).Fields.ShouldBe(["difficulty", "statement", "title"]);
        var wrong = await author.PostAsync(Route, new
        {
            title = new string('x', 201),
            statement = new string('ä', 33_000),
            difficulty = "easy",
            tags = new[] { "fine", "not fine" },
            timeLimitMs = 5,
            memoryLimitKb = 1,
        });
        wrong.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        wrong.Fields.ShouldBe(["memoryLimitKb", "statement", "tags", "timeLimitMs", "title"], customMessage: wrong.Body);
        (await author.PostAsync(Route, new { title = "a", statement = "b", difficulty = "easy", tags = new[] { "fine", null } })).Fields.ShouldBe(["tags"]);
        (await author.PostAsync(Route, new { title = "a", statement = "b", difficulty = "easy", tags = new[] { new string('t', 41) } })).Fields.ShouldBe(["tags"]);
        (await author.PostAsync(Route, new { title = "a\0b", statement = "c\0d", difficulty = "easy" })).Fields.ShouldBe(["statement", "title"]);
        (await author.PostAsync(Route, new { title = 1, statement = true, difficulty = "impossible", tags = "one" })).Fields.ShouldBe(["difficulty", "statement", "tags", "title"]);
        (await author.PostAsync(Route, new { title = " ", statement = " ", difficulty = "easy", tags = Enumerable.Repeat("a", 11) })).Fields.ShouldBe(["statement", "tags", "title"]);
    }

    [Fact]
    public async Task What_is_no_JSON_or_too_large_is_refused()
    {
        var author = service.Instructor();
        (await author.PostTextAsync(Route, "{ \"title\": ")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await author.PostTextAsync(Route, "title=x", "application/x-www-form-urlencoded")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await author.PostTextAsync(Route, $$"""{ "title": "{{new string('x', 1_100_000)}}" }""")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await author.PostTextAsync(Route, "null")).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Only_authors_write_and_only_their_own()
    {
        var id = await PublishedAsync(service.Instructor());
        (await service.Anonymous().PostAsync(Route, Challenge())).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await service.Learner().PostAsync(Route, Challenge())).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await service.Learner().PutAsync($"{Route}/{id}", Challenge())).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await service.Instructor().PutAsync($"{Route}/{id}", Challenge())).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Instructor().PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).PutAsync($"{Route}/{id}", Challenge("By an admin"))).Status.ShouldBe(HttpStatusCode.OK);
        (await service.Instructor().PutAsync($"{Route}/{Guid.CreateVersion7()}", Challenge())).Status.ShouldBe(HttpStatusCode.NotFound);
        foreach (var (fault, token) in TestTokens.Forged(Guid.CreateVersion7(), Roles.Admin))
        {
            var forged = service.Anonymous();
            forged.DefaultRequestHeaders.Authorization = new("Bearer", token);
            (await forged.PostAsync(Route, Challenge())).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        }
    }

    private Task<Answer> Ask(string query) => service.Anonymous().AskAsync(Route + query);

    private static List<Guid> Ids(Answer page) => [.. page.Data.AsArray().Select(c => c!["id"]!.GetValue<Guid>())];

    private static Task<Answer> PutAsync(HttpClient client, Guid id, object body, string tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"{Route}/{id}") { Content = System.Net.Http.Json.JsonContent.Create(body) };
        request.Headers.IfMatch.Add(new(tag));
        return client.ReadAsync(request);
    }
}
