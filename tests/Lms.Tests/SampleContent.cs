using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.Lms.Samples;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

public sealed class SampleContent(LmsApp app) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lms-samples-").FullName;

    [Fact]
    public async Task A_folder_becomes_one_published_course_however_often_and_from_however_many_replicas_it_is_loaded()
    {
        await WriteAsync("tiny-okta-tutorial", "A tiny course about clouds");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoadAsync()));
        await LoadAsync();

        var found = (await app.Anonymous().AskAsync("/api/v1/courses?q=tiny%20course%20about%20clouds")).Data.AsArray();
        var course = found.ShouldHaveSingleItem()!;
        var view = (await app.Anonymous().AskAsync($"/api/v1/courses/{course["id"]}")).Data;
        view["instructorId"]!.GetValue<string>().ShouldBe("00000000-0000-7000-8000-000000000001");
        view["sections"]!.AsArray().Select(s => s!["title"]!.GetValue<string>()).ShouldBe(["Up", "Down"]);
        view["minutes"]!.GetValue<int>().ShouldBe(9);
        using var learner = app.Learner();
        await learner.PostAsync($"/api/v1/courses/{course["id"]}/enroll");
        var lesson = await learner.AskAsync($"/api/v1/lessons/{view["sections"]![1]!["lessons"]![0]!["id"]}");
        lesson.Data["content"]!.GetValue<string>().ShouldBe("# Rain\n");
        app.Events.Of<CoursePublished>(e => e.Title == "A tiny course about clouds").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_added_later_is_loaded_beside_the_others()
    {
        await WriteAsync("first-of-two-samples", "First of two samples");
        await LoadAsync();
        await WriteAsync("second-of-two-samples", "Second of two samples");
        await LoadAsync();
        (await app.Anonymous().AskAsync("/api/v1/courses?q=of%20two%20samples")).Data.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_courses_that_come_with_the_service_can_be_loaded()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "SampleContent");
        var slugs = Directory.GetDirectories(folder);
        slugs.Length.ShouldBeGreaterThanOrEqualTo(3);
        await LoadAsync(folder);
        foreach (var slug in slugs)
        {
            var course = await SampleCourse.ReadAsync(slug, default);
            var found = (await app.Anonymous().AskAsync("/api/v1/courses?q=" + Uri.EscapeDataString(course.Title))).Data.AsArray().ShouldHaveSingleItem()!;
            found["lessonCount"]!.GetValue<int>().ShouldBe(course.Sections.Sum(s => s.Lessons.Count));
            found["summary"]!.GetValue<string>().ShouldBe(course.Summary);
        }
    }

    [Fact]
    public async Task A_slug_that_is_not_the_folders_name_is_refused()
    {
        await WriteAsync("one-name", "Named twice", slug: "another-name");
        (await Should.ThrowAsync<InvalidDataException>(() => LoadAsync())).Message.ShouldContain("another-name");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task LoadAsync(string? folder = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var options = Options.Create(new SampleContentOptions { Load = true, Folder = folder ?? _folder });
        var load = new LoadSampleContent(
            scope.ServiceProvider.GetRequiredService<LmsDbContext>(), options, TimeProvider.System, NullLogger<LoadSampleContent>.Instance);
        await load.RunAsync(scope.ServiceProvider, default);
    }

    private async Task WriteAsync(string folder, string title, string? slug = null)
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName;
        await File.WriteAllTextAsync(Path.Combine(path, "course.json"), $$"""
            {
              "slug": "{{slug ?? folder}}", "title": "{{title}}", "summary": "Clouds.", "description": "**Clouds**", "level": "beginner",
              "tags": ["weather"], "language": "en",
              "sections": [
                { "title": "Up", "lessons": [ { "title": "Vapour", "file": "01.md", "minutes": 4 } ] },
                { "title": "Down", "lessons": [ { "title": "Rain", "file": "02.md", "minutes": 5 } ] }
              ]
            }
            """);
        await File.WriteAllTextAsync(Path.Combine(path, "01.md"), "# Vapour\n");
        await File.WriteAllTextAsync(Path.Combine(path, "02.md"), "# Rain\n");
    }
}
