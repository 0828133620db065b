using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using TalentSphere.Contracts.Lms;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

public sealed class Authoring(LmsApp app)
{
    [Fact]
    public async Task A_course_is_drafted_written_and_published_once()
    {
        var authorId = Guid.CreateVersion7();
        using var author = app.Instructor(authorId);
        var drafted = await author.PostAsync("/api/v1/courses", Bodies.Course("  From draft to shelf "));
        drafted.Status.ShouldBe(HttpStatusCode.Created);
        drafted.Headers.Location!.ToString().ShouldBe($"/api/v1/courses/{drafted.Id}");
        drafted.Headers.ETag.ShouldNotBeNull();
        drafted.Data["title"]!.GetValue<string>().ShouldBe("From draft to shelf");
        drafted.Data["status"]!.GetValue<string>().ShouldBe("draft");
        drafted.Data["level"]!.GetValue<string>().ShouldBe("intermediate");
        drafted.Data["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["messaging", "rabbitmq"]);
        drafted.Data["instructorId"]!.GetValue<Guid>().ShouldBe(authorId);

        var early = await author.PostAsync($"/api/v1/courses/{drafted.Id}/publish");
        (early.Status, early.Code).ShouldBe((HttpStatusCode.Conflict, "LMS_COURSE_EMPTY"));
        var section = await author.PostAsync($"/api/v1/courses/{drafted.Id}/sections", new { title = "Basics" });
        section.Status.ShouldBe(HttpStatusCode.Created);
        var lesson = await author.PostAsync($"/api/v1/sections/{section.Id}/lessons", Bodies.Lesson());
        lesson.Status.ShouldBe(HttpStatusCode.Created);
        lesson.Headers.Location!.ToString().ShouldBe($"/api/v1/lessons/{lesson.Id}");

        var published = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => author.PostAsync($"/api/v1/courses/{drafted.Id}/publish")));
        published.ShouldAllBe(p => p.Status == HttpStatusCode.OK && p.Data["status"]!.GetValue<string>() == "published");
        published.Select(p => p.Data["publishedAt"]!.GetValue<DateTime>().Ticks / 10).Distinct().Count().ShouldBe(1);
        var view = (await app.Anonymous().AskAsync($"/api/v1/courses/{drafted.Id}")).Data;
        view["lessonCount"]!.GetValue<int>().ShouldBe(1);
        view["minutes"]!.GetValue<int>().ShouldBe(7);
        view["sections"]![0]!["lessons"]![0]!["title"]!.GetValue<string>().ShouldBe("At least once");
        view.ToJsonString().ShouldNotContain("It may come twice.");

        // The next event of the same course proves that no second announcement is on its way.
        (await author.PostAsync($"/api/v1/courses/{drafted.Id}/publish")).Status.ShouldBe(HttpStatusCode.OK);
        var sentinel = await LmsApp.PublishAsync(author, lessons: 1, title: "Sentinel");
        await app.Events.ExpectAsync<CoursePublished>(1, e => e.CourseId == sentinel.Id);
        app.Events.Of<CoursePublished>(e => e.CourseId == drafted.Id).ShouldBe([new CoursePublished(drafted.Id, authorId, "From draft to shelf")]);
    }

    [Fact]
    public async Task A_draft_is_seen_by_its_author_and_admins_only()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 1, title: "Hidden zebra");
        var path = $"/api/v1/courses/{draft.Id}";

        foreach (var stranger in (HttpClient[])[app.Anonymous(), app.Learner(), app.Instructor()])
        {
            var answer = await stranger.AskAsync(path);
            (answer.Status, answer.Code).ShouldBe((HttpStatusCode.NotFound, "NOT_FOUND"));
            (await stranger.AskAsync("/api/v1/courses?q=zebra")).Data.AsArray().ShouldBeEmpty();
        }
        var own = await author.AskAsync(path);
        own.Status.ShouldBe(HttpStatusCode.OK);
        own.Headers.CacheControl!.ToString().ShouldBe("no-store");
        (await app.Admin().AskAsync(path)).Status.ShouldBe(HttpStatusCode.OK);
        var mine = await author.AskAsync("/api/v1/courses/mine");
        mine.Data.AsArray().Single()!["status"]!.GetValue<string>().ShouldBe("draft");
        mine.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(1);
    }

    [Fact]
    public async Task Another_instructor_changes_nothing()
    {
        using var author = app.Instructor();
        using var other = app.Instructor();
        var course = await LmsApp.PublishAsync(author, lessons: 1, title: "Mine alone");
        var before = (await author.AskAsync($"/api/v1/courses/{course.Id}")).Data.ToJsonString();

        Answer[] attempts =
        [
            await other.PutAsync($"/api/v1/courses/{course.Id}", Bodies.Course("Taken over")),
            await other.PostAsync($"/api/v1/courses/{course.Id}/publish"),
            await other.PostAsync($"/api/v1/courses/{course.Id}/sections", new { title = "Mine" }),
            await other.PutAsync($"/api/v1/sections/{course.SectionId}", new { title = "Mine" }),
            await other.RemoveAsync($"/api/v1/sections/{course.SectionId}"),
            await other.PostAsync($"/api/v1/sections/{course.SectionId}/lessons", Bodies.Lesson()),
            await other.PutAsync($"/api/v1/lessons/{course.Lessons[0]}", Bodies.Lesson()),
            await other.RemoveAsync($"/api/v1/lessons/{course.Lessons[0]}"),
        ];

        attempts.ShouldAllBe(a => a.Status == HttpStatusCode.NotFound && a.Code == "NOT_FOUND");
        (await author.AskAsync($"/api/v1/courses/{course.Id}")).Data.ToJsonString().ShouldBe(before);
        (await other.AskAsync("/api/v1/courses/mine")).Data.AsArray().ShouldBeEmpty();
        (await app.Admin().PutAsync($"/api/v1/courses/{course.Id}", Bodies.Course("Corrected by an admin"))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Learners_do_not_write_courses()
    {
        using var learner = app.Learner();
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1);
        Answer[] attempts =
        [
            await learner.PostAsync("/api/v1/courses", Bodies.Course()),
            await learner.AskAsync("/api/v1/courses/mine"),
            await learner.PutAsync($"/api/v1/courses/{course.Id}", Bodies.Course()),
            await learner.PostAsync($"/api/v1/courses/{course.Id}/publish"),
            await learner.PostAsync($"/api/v1/courses/{course.Id}/sections", new { title = "Mine" }),
            await learner.PutAsync($"/api/v1/sections/{course.SectionId}", new { title = "Mine" }),
            await learner.RemoveAsync($"/api/v1/sections/{course.SectionId}"),
            await learner.PostAsync($"/api/v1/sections/{course.SectionId}/lessons", Bodies.Lesson()),
            await learner.PutAsync($"/api/v1/lessons/{course.Lessons[0]}", Bodies.Lesson()),
            await learner.RemoveAsync($"/api/v1/lessons/{course.Lessons[0]}"),
        ];
        attempts.ShouldAllBe(a => a.Status == HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_outline_is_reordered_edited_and_shortened()
    {
        using var author = app.Instructor();
        var course = await LmsApp.DraftAsync(author, lessons: 3);
        var first = (await author.PostAsync($"/api/v1/courses/{course.Id}/sections", new { title = "Zero", position = 1 })).Data;
        first["position"]!.GetValue<int>().ShouldBe(1);
        (await author.PutAsync($"/api/v1/lessons/{course.Lessons[2]}", Bodies.Lesson("Third is first now").With("position", 1))).Status
            .ShouldBe(HttpStatusCode.OK);
        (await author.RemoveAsync($"/api/v1/lessons/{course.Lessons[0]}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await author.RemoveAsync($"/api/v1/lessons/{course.Lessons[0]}")).Status.ShouldBe(HttpStatusCode.NotFound);

        var sections = (await author.AskAsync($"/api/v1/courses/{course.Id}")).Data["sections"]!.AsArray();
        sections.Select(s => s!["title"]!.GetValue<string>()).ShouldBe(["Zero", "One"]);
        sections[1]!["lessons"]!.AsArray().Select(l => (l!["title"]!.GetValue<string>(), l["position"]!.GetValue<int>()))
            .ShouldBe([("Third is first now", 1), ("Lesson 2", 2)]);
        (await author.PutAsync($"/api/v1/sections/{first["id"]}", new { title = "Last", position = 2 })).Data["position"]!.GetValue<int>().ShouldBe(2);
        (await author.RemoveAsync($"/api/v1/sections/{course.SectionId}")).Status.ShouldBe(HttpStatusCode.NoContent);
        var rest = (await author.AskAsync($"/api/v1/courses/{course.Id}")).Data;
        rest["sections"]!.AsArray().Single()!["title"]!.GetValue<string>().ShouldBe("Last");
        rest["lessonCount"]!.GetValue<int>().ShouldBe(0);
        (await author.AskAsync($"/api/v1/lessons/{course.Lessons[1]}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_learners_work_on_is_edited_but_not_removed()
    {
        using var author = app.Instructor();
        var course = await LmsApp.PublishAsync(author, lessons: 2);
        using var learner = app.Learner();
        var enrollment = (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Id;
        await learner.RemoveAsync($"/api/v1/enrollments/{enrollment}");

        foreach (var path in (string[])[$"/api/v1/lessons/{course.Lessons[0]}", $"/api/v1/sections/{course.SectionId}"])
        {
            var refused = await author.RemoveAsync(path);
            (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Conflict, "LMS_COURSE_HAS_LEARNERS"));
        }
        (await author.PutAsync($"/api/v1/lessons/{course.Lessons[0]}", Bodies.Lesson("Better", "Clearer text."))).Data["content"]!.GetValue<string>()
            .ShouldBe("Clearer text.");
        var single = await LmsApp.PublishAsync(author, lessons: 1);
        (await author.RemoveAsync($"/api/v1/lessons/{single.Lessons[0]}")).Code.ShouldBe("LMS_COURSE_EMPTY");
    }

    [Fact]
    public async Task Lessons_added_at_the_same_moment_take_different_places()
    {
        using var author = app.Instructor();
        var course = await LmsApp.DraftAsync(author, lessons: 0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(
            i => author.PostAsync($"/api/v1/sections/{course.SectionId}/lessons", Bodies.Lesson($"L{i}"))));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created);
        var lessons = (await author.AskAsync($"/api/v1/courses/{course.Id}")).Data["sections"]![0]!["lessons"]!.AsArray();
        lessons.Select(l => l!["position"]!.GetValue<int>()).ShouldBe(Enumerable.Range(1, 12));
    }

    [Fact]
    public async Task A_stale_tag_changes_nothing()
    {
        using var author = app.Instructor();
        var course = await LmsApp.DraftAsync(author, lessons: 2);
        var coursePath = $"/api/v1/courses/{course.Id}";
        var lessonPath = $"/api/v1/lessons/{course.Lessons[0]}";
        var courseTag = (await author.AskAsync(coursePath)).Headers.ETag!;
        var lessonTag = (await author.AskAsync(lessonPath)).Headers.ETag!;

        (await IfMatchAsync(author, HttpMethod.Put, lessonPath, lessonTag, Bodies.Lesson("Lesson 1", "Only the text changed."))).Status
            .ShouldBe(HttpStatusCode.OK);

        var stale = await IfMatchAsync(author, HttpMethod.Put, lessonPath, lessonTag, Bodies.Lesson());
        (stale.Status, stale.Code).ShouldBe((HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED"));
        (await IfMatchAsync(author, HttpMethod.Delete, lessonPath, lessonTag)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await IfMatchAsync(author, HttpMethod.Put, coursePath, courseTag, Bodies.Course())).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await IfMatchAsync(author, HttpMethod.Delete, $"/api/v1/sections/{course.SectionId}", courseTag)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        var fresh = (await author.AskAsync(coursePath)).Headers.ETag!;
        var edited = await IfMatchAsync(author, HttpMethod.Put, coursePath, fresh, Bodies.Course("Edited in time"));
        edited.Status.ShouldBe(HttpStatusCode.OK);
        edited.Headers.ETag.ShouldNotBe(fresh);
        (await author.AskAsync(coursePath)).Headers.ETag.ShouldBe(edited.Headers.ETag);
    }

    [Fact]
    public async Task Readers_are_told_when_nothing_changed()
    {
        using var author = app.Instructor();
        var course = await LmsApp.PublishAsync(author, lessons: 1, title: "Cached quokka");
        using var reader = app.Anonymous();
        foreach (var path in (string[])[$"/api/v1/courses/{course.Id}", "/api/v1/courses?q=quokka"])
        {
            var first = await reader.AskAsync(path);
            first.Headers.CacheControl!.ToString().ShouldContain("public");
            (await IfNoneMatchAsync(reader, path, first.Headers.ETag!)).Status.ShouldBe(HttpStatusCode.NotModified);
            await author.PostAsync($"/api/v1/sections/{course.SectionId}/lessons", Bodies.Lesson($"Makes {path} differ"));
            (await IfNoneMatchAsync(reader, path, first.Headers.ETag!)).Status.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Courses_are_found_by_words_tag_and_level_page_by_page()
    {
        using var author = app.Instructor();
        for (var i = 1; i <= 3; i++)
            await LmsApp.PublishAsync(author, lessons: 1, title: $"100%_sure about okapis {i}");
        var unlike = Bodies.Course("Nothing of that").With("level", "advanced").With("tags", new JsonArray("Okapi Lore"));
        var other = (await author.PostAsync("/api/v1/courses", unlike)).Id;
        var section = (await author.PostAsync($"/api/v1/courses/{other}/sections", new { title = "One" })).Id;
        await author.PostAsync($"/api/v1/sections/{section}/lessons", Bodies.Lesson());
        await author.PostAsync($"/api/v1/courses/{other}/publish");
        using var reader = app.Anonymous();

        var page = await reader.AskAsync("/api/v1/courses?q=OKAPIS&limit=2&page=2");
        page.Data.AsArray().Single()!["title"]!.GetValue<string>().ShouldBe("100%_sure about okapis 1");
        var meta = page.Json["meta"]!;
        (meta["total"]!.GetValue<int>(), meta["page"]!.GetValue<int>(), meta["limit"]!.GetValue<int>()).ShouldBe((3, 2, 2));
        page.Headers.GetValues("Link").Single().ShouldContain("rel=\"prev\"");
        await TotalAsync("q=okapi-lore", 1);
        await TotalAsync("q=okapis&level=advanced", 0);
        await TotalAsync("q=okapi-lore&level=Advanced", 1);
        await TotalAsync("q=" + Uri.EscapeDataString("100%_sure"), 3);
        await TotalAsync("q=" + Uri.EscapeDataString("1%sure"), 0);
        await TotalAsync("q=" + Uri.EscapeDataString(@"okapis\"), 0);
        await TotalAsync("q=" + Uri.EscapeDataString("' OR 1=1 --"), 0);
        var bad = await reader.AskAsync($"/api/v1/courses?level=expert&q={new string('x', 101)}");
        (bad.Status, string.Join(' ', bad.Fields)).ShouldBe((HttpStatusCode.UnprocessableEntity, "level q"));
        (await reader.AskAsync("/api/v1/courses?q=%00")).Fields.ShouldBe(["q"]);
        (await reader.AskAsync("/api/v1/courses?level=2")).Fields.ShouldBe(["level"]);
        (await reader.AskAsync("/api/v1/courses?page=-7&limit=100000")).Json["meta"]!["limit"]!.GetValue<int>().ShouldBe(100);
        (await reader.AskAsync("/api/v1/courses?page=seven")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        async Task TotalAsync(string query, int total) =>
            (await reader.AskAsync("/api/v1/courses?" + query)).Json["meta"]!["total"]!.GetValue<int>().ShouldBe(total, query);
    }

    private static Task<Answer> IfMatchAsync(HttpClient client, HttpMethod method, string path, EntityTagHeaderValue tag, JsonObject? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Headers = { IfMatch = { tag } } };
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        return client.ReadAsync(request);
    }

    private static Task<Answer> IfNoneMatchAsync(HttpClient client, string path, EntityTagHeaderValue tag) =>
        client.ReadAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } });
}
