using System.Text.Json.Nodes;
using TalentSphere.Contracts.Auth;
using TalentSphere.Lms.Data;
using TalentSphere.Lms.Tests;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(LmsApp))]

namespace TalentSphere.Lms.Tests;

/// <summary>The service, and the first steps that many stories share.</summary>
// Any type of the service's assembly will do; more than one assembly here has a Program.
public sealed class LmsApp() : TestService<LmsDbContext>("lms")
{
    public HttpClient Instructor(Guid? id = null) => SignedIn(id ?? Guid.CreateVersion7(), Roles.Instructor);

    public HttpClient Admin() => SignedIn(Guid.CreateVersion7(), Roles.Admin);

    public HttpClient Learner(Guid? id = null) => SignedIn(id ?? Guid.CreateVersion7(), Roles.JobSeeker);

    /// <summary>A draft with one section and as many lessons as asked for.</summary>
    public static async Task<WrittenCourse> DraftAsync(HttpClient author, int lessons, string title = "Queues in practice")
    {
        var course = (await author.PostAsync("/api/v1/courses", Bodies.Course(title))).Id;
        var section = (await author.PostAsync($"/api/v1/courses/{course}/sections", new { title = "One" })).Id;
        var written = new List<Guid>(lessons);
        for (var i = 1; i <= lessons; i++)
            written.Add((await author.PostAsync($"/api/v1/sections/{section}/lessons", Bodies.Lesson($"Lesson {i}"))).Id);
        return new(course, section, written);
    }

    /// <summary>A published course.</summary>
    public static async Task<WrittenCourse> PublishAsync(HttpClient author, int lessons, string title = "Queues in practice")
    {
        var course = await DraftAsync(author, lessons, title);
        (await author.PostAsync($"/api/v1/courses/{course.Id}/publish")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        return course;
    }
}

/// <summary>The ids of a course that a test wrote.</summary>
public sealed record WrittenCourse(Guid Id, Guid SectionId, IReadOnlyList<Guid> Lessons);

/// <summary>Requests that are in order.</summary>
internal static class Bodies
{
    public static JsonObject Course(string title = "Queues in practice") => new()
    {
        ["title"] = title,
        ["summary"] = "What a queue promises and what it does not.",
        ["description"] = "Two parts.\n\n- first\n- second",
        ["level"] = "intermediate",
        ["tags"] = new JsonArray("Messaging", "rabbitmq"),
        ["language"] = "en",
    };

    public static JsonObject Lesson(string title = "At least once", string content = "# Twice\n\nIt may come twice.") => new()
    {
        ["title"] = title,
        ["content"] = content,
        ["minutes"] = 7,
    };

    /// <summary>The same body with one member replaced.</summary>
    public static JsonObject With(this JsonObject body, string member, JsonNode? value)
    {
        body[member] = value;
        return body;
    }
}
