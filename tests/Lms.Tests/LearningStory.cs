using System.Net;
using System.Text.Json;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

public sealed class LearningStory(LmsApp app)
{
    [Fact]
    public async Task Every_lesson_completed_twice_and_in_parallel_ends_with_one_certificate_and_each_event_once()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 6, title: "Completed in parallel");
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        var enrollment = (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Id;

        var answers = await Task.WhenAll(course.Lessons.Concat(course.Lessons).Select(l => learner.PostAsync($"/api/v1/lessons/{l}/complete")));

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK && a.Data["completed"]!.GetValue<bool>());
        var progress = (await learner.AskAsync($"/api/v1/progress/{course.Id}")).Data;
        progress["percent"]!.GetValue<int>().ShouldBe(100);
        progress["completedLessonIds"]!.AsArray().Select(i => i!.GetValue<Guid>()).ShouldBe(course.Lessons);
        progress["nextLesson"].ShouldBeNull();
        var certificates = (await learner.AskAsync("/api/v1/certificates")).Data.AsArray();
        certificates.Count.ShouldBe(1);
        var certificate = certificates[0]!["id"]!.GetValue<Guid>();
        progress["certificateId"]!.GetValue<Guid>().ShouldBe(certificate);

        // Order per enrollment: what comes last proves that nothing more is on its way.
        var last = await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete");
        last.Data["courseCompleted"]!.GetValue<bool>().ShouldBeTrue();
        last.Data["certificateId"]!.GetValue<Guid>().ShouldBe(certificate);
        var issued = (await app.Events.ExpectAsync<CertificateIssued>(1, e => e.UserId == userId))[0];
        issued.ShouldBe(new CertificateIssued(enrollment, certificate, userId, course.Id, "Completed in parallel"));
        var heard = app.Events.Heard.Where(e => e.Subject == enrollment.ToString()).ToList();
        heard.Count(e => e.EventType == "lms.enrollment.created").ShouldBe(1);
        heard.Where(e => e.EventType == "lms.lesson.completed").Select(e => e.Data.Deserialize<LessonCompleted>(ApiJson.Options)!.LessonId)
            .ShouldBe(course.Lessons, ignoreOrder: true);
        heard.Where(e => e.EventType == "lms.progress.updated").Select(e => e.Data.Deserialize<ProgressUpdated>(ApiJson.Options)!.Percent)
            .ShouldBe([16, 33, 50, 66, 83, 100]);
        heard.Count(e => e.EventType == "lms.course.completed").ShouldBe(1);
        heard.Select(e => e.EventType).TakeLast(4).ShouldBe(["lms.lesson.completed", "lms.progress.updated", "lms.course.completed", "lms.certificate.issued"]);
        heard.ShouldAllBe(e => e.Source == "lms" && e.SchemaVersion == 1);
    }

    [Fact]
    public async Task One_lesson_completed_twenty_times_at_once_counts_once()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 2);
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete")));

        answers.Select(a => a.Data.ToJsonString()).Distinct(StringComparer.Ordinal).Count().ShouldBe(1, string.Join('\n', answers.AsEnumerable()));
        answers[0].Data["percent"]!.GetValue<int>().ShouldBe(50);
        answers[0].Data["courseCompleted"]!.GetValue<bool>().ShouldBeFalse();
        answers[0].Data["certificateId"].ShouldBeNull();
        await learner.PostAsync($"/api/v1/lessons/{course.Lessons[1]}/complete");
        await app.Events.ExpectAsync<CertificateIssued>(1, e => e.UserId == userId);
        app.Events.Of<LessonCompleted>(e => e.UserId == userId).Select(e => e.LessonId).ShouldBe(course.Lessons);
    }

    [Fact]
    public async Task The_last_two_lessons_at_the_same_moment_complete_the_course_once()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 2);
        var learners = Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7()).ToList();
        await Task.WhenAll(learners.Select(async id =>
        {
            using var learner = app.Learner(id);
            (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Status.ShouldBe(HttpStatusCode.Created);
            var both = await Task.WhenAll(course.Lessons.Select(l => learner.PostAsync($"/api/v1/lessons/{l}/complete")));
            both.Select(a => a.Data["percent"]!.GetValue<int>()).Order().ShouldBe([50, 100]);
            both.Count(a => a.Data["courseCompleted"]!.GetValue<bool>()).ShouldBe(1);
        }));
        (await app.Events.ExpectAsync<CertificateIssued>(learners.Count, e => e.CourseId == course.Id))
            .Select(e => e.UserId).ShouldBe(learners, ignoreOrder: true);
        app.Events.Of<CourseCompleted>(e => e.CourseId == course.Id).Count.ShouldBe(learners.Count);
    }

    [Fact]
    public async Task Enrolling_twenty_times_at_once_enrolls_once()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1);
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.Status == HttpStatusCode.Conflict && a.Code == "LMS_ALREADY_ENROLLED");
        (await learner.AskAsync("/api/v1/enrollments")).Json["meta"]!["total"]!.GetValue<int>().ShouldBe(1);
        await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete");
        await app.Events.ExpectAsync<CertificateIssued>(1, e => e.UserId == userId);
        app.Events.Of<EnrollmentCreated>(e => e.UserId == userId).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_enrollment_tells_where_its_learner_stands()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 3, title: "Where I stand");
        using var learner = app.Learner();
        var enrolled = await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        enrolled.Status.ShouldBe(HttpStatusCode.Created);
        enrolled.Headers.Location!.ToString().ShouldBe($"/api/v1/enrollments/{enrolled.Id}");

        (await learner.PostAsync($"/api/v1/lessons/{course.Lessons[1]}/complete")).Data["percent"]!.GetValue<int>().ShouldBe(33);

        var mine = (await learner.AskAsync("/api/v1/enrollments")).Data.AsArray().Single()!;
        mine["id"]!.GetValue<Guid>().ShouldBe(enrolled.Id);
        mine["courseTitle"]!.GetValue<string>().ShouldBe("Where I stand");
        mine["percent"]!.GetValue<int>().ShouldBe(33);
        mine["completedLessons"]!.GetValue<int>().ShouldBe(1);
        mine["lessonCount"]!.GetValue<int>().ShouldBe(3);
        mine["enrolledAt"]!.GetValue<string>().ShouldEndWith("Z");
        (await learner.AskAsync(enrolled.Headers.Location!.ToString())).Data.ToJsonString().ShouldBe(mine.ToJsonString());
        var progress = (await learner.AskAsync($"/api/v1/progress/{course.Id}")).Data;
        progress["nextLesson"]!["id"]!.GetValue<Guid>().ShouldBe(course.Lessons[0]);
        progress["completedLessonIds"]!.AsArray().Single()!.GetValue<Guid>().ShouldBe(course.Lessons[1]);
    }

    [Fact]
    public async Task Who_leaves_and_comes_back_finds_the_completed_lessons_and_is_rewarded_for_none_again()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 2);
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        var enrollment = (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Id;
        await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete");

        (await learner.RemoveAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await learner.RemoveAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.AskAsync("/api/v1/enrollments")).Data.AsArray().ShouldBeEmpty();
        (await learner.AskAsync($"/api/v1/progress/{course.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        var locked = await learner.PostAsync($"/api/v1/lessons/{course.Lessons[1]}/complete");
        (locked.Status, locked.Code).ShouldBe((HttpStatusCode.Forbidden, "LMS_NOT_ENROLLED"));

        var again = await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        (again.Status, again.Id).ShouldBe((HttpStatusCode.Created, enrollment));
        again.Data["percent"]!.GetValue<int>().ShouldBe(50);
        await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete");
        (await learner.PostAsync($"/api/v1/lessons/{course.Lessons[1]}/complete")).Data["courseCompleted"]!.GetValue<bool>().ShouldBeTrue();

        await app.Events.ExpectAsync<CertificateIssued>(1, e => e.UserId == userId);
        app.Events.Heard.Where(e => e.Subject == enrollment.ToString()).Select(e => e.EventType).ShouldBe(
        [
            "lms.enrollment.created", "lms.lesson.completed", "lms.progress.updated", "lms.enrollment.cancelled", "lms.enrollment.created",
            "lms.lesson.completed", "lms.progress.updated", "lms.course.completed", "lms.certificate.issued",
        ]);
    }

    [Fact]
    public async Task A_completed_course_is_not_left()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1);
        using var learner = app.Learner();
        var enrollment = (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Id;
        await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete");
        var refused = await learner.RemoveAsync($"/api/v1/enrollments/{enrollment}");
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Conflict, "LMS_COURSE_COMPLETED"));
    }

    [Fact]
    public async Task Another_learners_enrollment_is_not_found()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1);
        using var learner = app.Learner();
        using var other = app.Learner();
        var enrollment = (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Id;

        (await other.AskAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await other.RemoveAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await other.AskAsync("/api/v1/enrollments")).Data.AsArray().ShouldBeEmpty();
        (await other.AskAsync("/api/v1/certificates")).Data.AsArray().ShouldBeEmpty();
        (await other.AskAsync($"/api/v1/progress/{course.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.AskAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lessons_text_is_for_learners_of_the_course_its_author_and_admins()
    {
        using var author = app.Instructor();
        var course = await LmsApp.PublishAsync(author, lessons: 1);
        var path = $"/api/v1/lessons/{course.Lessons[0]}";
        using var learner = app.Learner();

        var refused = await learner.AskAsync(path);
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Forbidden, "LMS_NOT_ENROLLED"));
        refused.Body.ShouldNotContain("It may come twice.");
        await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        (await learner.AskAsync(path)).Data["content"]!.GetValue<string>().ShouldContain("It may come twice.");
        (await author.AskAsync(path)).Status.ShouldBe(HttpStatusCode.OK);
        (await app.Admin().AskAsync(path)).Status.ShouldBe(HttpStatusCode.OK);
        (await app.Instructor().AskAsync(path)).Code.ShouldBe("LMS_NOT_ENROLLED");
        (await app.Anonymous().AskAsync(path)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_draft_takes_no_learner_and_its_lessons_are_unknown()
    {
        using var author = app.Instructor();
        var draft = await LmsApp.DraftAsync(author, lessons: 1);
        using var learner = app.Learner();
        (await learner.PostAsync($"/api/v1/courses/{draft.Id}/enroll")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await author.PostAsync($"/api/v1/courses/{draft.Id}/enroll")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.AskAsync($"/api/v1/lessons/{draft.Lessons[0]}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.PostAsync($"/api/v1/lessons/{draft.Lessons[0]}/complete")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.PostAsync($"/api/v1/lessons/{Guid.CreateVersion7()}/complete")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await learner.PostAsync($"/api/v1/courses/{Guid.CreateVersion7()}/enroll")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_lesson_added_later_lowers_the_percent_and_leaves_the_certificate_alone()
    {
        using var author = app.Instructor();
        var course = await LmsApp.PublishAsync(author, lessons: 1, title: "Grows later");
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        var certificate = (await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete")).Data["certificateId"]!.GetValue<Guid>();

        var added = (await author.PostAsync($"/api/v1/sections/{course.SectionId}/lessons", Bodies.Lesson("Afterthought"))).Id;
        (await author.PutAsync($"/api/v1/courses/{course.Id}", Bodies.Course("Renamed later"))).Status.ShouldBe(HttpStatusCode.OK);

        var progress = (await learner.AskAsync($"/api/v1/progress/{course.Id}")).Data;
        progress["percent"]!.GetValue<int>().ShouldBe(50);
        progress["completedAt"].ShouldNotBeNull();
        progress["nextLesson"]!["title"]!.GetValue<string>().ShouldBe("Afterthought");
        var verified = (await app.Anonymous().AskAsync($"/api/v1/certificates/{certificate}")).Data;
        verified["courseTitle"]!.GetValue<string>().ShouldBe("Grows later");
        verified["lessons"]!.GetValue<int>().ShouldBe(1);
        (await learner.PostAsync($"/api/v1/lessons/{added}/complete")).Data["certificateId"]!.GetValue<Guid>().ShouldBe(certificate);
        (await app.Events.ExpectAsync<ProgressUpdated>(2, e => e.UserId == userId)).ShouldAllBe(e => e.Percent == 100);
        app.Events.Of<CourseCompleted>(e => e.UserId == userId).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_certificate_is_verified_by_anybody_and_names_nobody()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1, title: "Verifiable");
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        var id = (await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete")).Data["certificateId"]!.GetValue<Guid>();
        using var anybody = app.Anonymous();

        var byId = await anybody.AskAsync($"/api/v1/certificates/{id}");
        byId.Data["valid"]!.GetValue<bool>().ShouldBeTrue();
        byId.Data["courseTitle"]!.GetValue<string>().ShouldBe("Verifiable");
        byId.Body.ShouldNotContain(userId.ToString());
        byId.Headers.CacheControl!.Public.ShouldBeTrue();
        var serial = byId.Data["serial"]!.GetValue<string>();
        (await anybody.AskAsync($"/api/v1/certificates/{serial.ToLowerInvariant()}")).Data.ToJsonString().ShouldBe(byId.Data.ToJsonString());
        foreach (var unknown in (string[])[Guid.CreateVersion7().ToString(), "TS-0000-0000-0000-0000", "nonsense", "%00", "'; --"])
            (await anybody.AskAsync($"/api/v1/certificates/{Uri.EscapeDataString(unknown)}")).Status.ShouldBe(HttpStatusCode.NotFound, unknown);
    }

    [Fact]
    public async Task Nothing_of_a_learner_is_shown_without_a_valid_token()
    {
        using var anonymous = app.Anonymous();
        var id = Guid.CreateVersion7();
        foreach (var path in (string[])["enrollments", $"enrollments/{id}", $"progress/{id}", "certificates", $"lessons/{id}", "courses/mine"])
        {
            var refused = await anonymous.AskAsync("/api/v1/" + path);
            refused.Status.ShouldBe(HttpStatusCode.Unauthorized, path);
            refused.Headers.WwwAuthenticate.ShouldNotBeEmpty();
        }
        foreach (var path in (string[])[$"courses/{id}/enroll", $"lessons/{id}/complete", "courses"])
            (await anonymous.PostAsync("/api/v1/" + path)).Status.ShouldBe(HttpStatusCode.Unauthorized, path);
        foreach (var (fault, token) in TestTokens.Forged(id))
        {
            using var client = app.Anonymous();
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            (await client.AskAsync("/api/v1/enrollments")).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        }
    }
}
