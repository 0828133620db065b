using System.Net;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

public sealed class BadInput(LmsApp app)
{
    private static readonly string _nul = "a" + (char)0 + "b";

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"title\": \"x\",}")]
    [InlineData("title=x")]
    public async Task Broken_json_is_400(string text)
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 0);
        foreach (var path in (string[])["/api/v1/courses", $"/api/v1/courses/{draft.Id}/sections", $"/api/v1/sections/{draft.SectionId}/lessons"])
        {
            var refused = await author.PostTextAsync(path, text);
            refused.Status.ShouldBe(HttpStatusCode.BadRequest, path);
            refused.Code.ShouldBe("MALFORMED_REQUEST");
        }
        (await author.PostTextAsync("/api/v1/courses", "title=x", "application/x-www-form-urlencoded")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Everything_missing_is_named_at_once()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 1);
        await NamesAsync(author.PostAsync("/api/v1/courses", new { }), "level", "summary", "title");
        await NamesAsync(author.PutAsync($"/api/v1/courses/{draft.Id}", new { title = "   " }), "level", "summary", "title");
        await NamesAsync(author.PostAsync($"/api/v1/courses/{draft.Id}/sections", new { }), "title");
        await NamesAsync(author.PutAsync($"/api/v1/sections/{draft.SectionId}", new { }), "title");
        await NamesAsync(author.PostAsync($"/api/v1/sections/{draft.SectionId}/lessons", new { }), "content", "minutes", "title");
        await NamesAsync(author.PutAsync($"/api/v1/lessons/{draft.Lessons[0]}", new { }), "content", "minutes", "title");
    }

    [Fact]
    public async Task Everything_wrong_or_oversized_is_named_at_once()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 1);
        var tags = new JsonArray([.. Enumerable.Range(0, 21).Select(i => JsonValue.Create($"tag{i}"))]);
        await NamesAsync(
            author.PostAsync("/api/v1/courses", Bodies.Course(new string('t', 201)).With("summary", new string('s', 501))
                .With("description", new string('d', 20_001)).With("tags", tags).With("language", "not a tag")),
            "description", "language", "summary", "tags", "title");
        foreach (var tag in (JsonNode?[])["", "a<b", new string('t', 41), null, _nul])
            await NamesAsync(author.PostAsync("/api/v1/courses", Bodies.Course().With("tags", new JsonArray(tag))), "tags");
        await NamesAsync(author.PostAsync("/api/v1/courses", Bodies.Course().With("level", "expert").With("title", 7)), "level", "title");
        await NamesAsync(author.PostAsync("/api/v1/courses", Bodies.Course().With("level", 1)), "level");
        await NamesAsync(author.PostAsync($"/api/v1/courses/{draft.Id}/sections", new { title = new string('t', 201), position = 0 }), "position", "title");
        await NamesAsync(
            author.PostAsync($"/api/v1/sections/{draft.SectionId}/lessons", Bodies.Lesson(new string('t', 201), new string('c', 100_001))
                .With("minutes", 0).With("position", 501)),
            "content", "minutes", "position", "title");
        await NamesAsync(author.PutAsync($"/api/v1/lessons/{draft.Lessons[0]}", Bodies.Lesson().With("minutes", "seven").With("title", new JsonArray())),
            "minutes", "title");
        await NamesAsync(author.PostAsync("/api/v1/courses", new JsonArray()), "body");
    }

    [Fact]
    public async Task Characters_that_cannot_be_stored_are_refused()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 0);
        await NamesAsync(
            author.PostAsync("/api/v1/courses", Bodies.Course(_nul).With("summary", _nul).With("description", _nul).With("language", _nul)),
            "description", "language", "summary", "title");
        await NamesAsync(author.PostAsync($"/api/v1/sections/{draft.SectionId}/lessons", Bodies.Lesson(_nul, _nul)), "content", "title");
        await NamesAsync(author.PostTextAsync("/api/v1/courses", """{"title":"\ud800","summary":"s","level":"beginner"}"""), "title");
        await NamesAsync(author.PostAsync($"/api/v1/courses/{draft.Id}/sections", new { title = "two\nlines" }), "title");
    }

    [Fact]
    public async Task A_body_of_more_than_a_megabyte_is_413()
    {
        using var author = app.Instructor();
        var refused = await author.PostAsync("/api/v1/courses", Bodies.Course().With("description", new string('d', 1024 * 1024)));
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE"));
    }

    [Fact]
    public async Task Text_of_any_script_comes_back_as_it_was_sent()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 0, title: "Überblick – 列 – 🎓");
        (await author.AskAsync($"/api/v1/courses/{draft.Id}")).Data["title"]!.GetValue<string>().ShouldBe("Überblick – 列 – 🎓");
        const string text = "# Ω\r\n\r\n\tif a < b && \"c\" then 🎉\n";
        var lesson = await author.PostAsync($"/api/v1/sections/{draft.SectionId}/lessons", Bodies.Lesson("Ω", text));
        (await author.AskAsync($"/api/v1/lessons/{lesson.Id}")).Data["content"]!.GetValue<string>().ShouldBe(text);
    }

    [Fact]
    public async Task Ids_that_are_none_are_not_found()
    {
        using var learner = app.Learner();
        foreach (var path in (string[])["courses/7", "lessons/7", "enrollments/7", "progress/7", "certificates/7", "quizzes"])
            (await learner.AskAsync("/api/v1/" + path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        (await learner.RemoveAsync($"/api/v1/courses/{Guid.CreateVersion7()}")).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task The_service_describes_every_route_it_has_and_no_other()
    {
        var paths = JsonNode.Parse(await app.Anonymous().GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject();
        var routes = paths.SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key["/api/v1/".Length..]}"));
        // What every service has is tested elsewhere.
        routes.Where(r => !r.Contains(" admin/lms/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ShouldBe(
        [
            "DELETE enrollments/{id}", "DELETE lessons/{id}", "DELETE sections/{id}",
            "GET certificates", "GET certificates/{id}", "GET courses", "GET courses/mine", "GET courses/{id}", "GET enrollments", "GET enrollments/{id}",
            "GET lessons/{id}", "GET progress/{courseId}",
            "POST courses", "POST courses/{id}/enroll", "POST courses/{id}/publish", "POST courses/{id}/sections", "POST lessons/{id}/complete",
            "POST sections/{id}/lessons",
            "PUT courses/{id}", "PUT lessons/{id}", "PUT sections/{id}",
        ]);
    }

    private static async Task NamesAsync(Task<Answer> asking, params string[] fields)
    {
        var answer = await asking;
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Code.ShouldBe("VALIDATION_FAILED");
        answer.Fields.Distinct(StringComparer.Ordinal).ShouldBe(fields, answer.Body);
    }
}
