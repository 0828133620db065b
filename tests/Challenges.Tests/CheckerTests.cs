using System.Net;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class CheckerTests(ChallengesFixture service)
{
    private const string _secret = "print('the answer is 4711')";

    [Fact]
    public async Task A_challenge_that_says_nothing_is_checked_word_by_word()
    {
        var created = await service.Instructor().PostAsync(Route, Challenge());
        created.Data["checker"]!.ToJsonString().ShouldBe("""{"kind":"tokens","ignoreCase":false}""");
    }

    [Theory]
    [InlineData("""{ "kind": "float" }""", """{"kind":"float","absolute":1E-06,"relative":1E-06,"ignoreCase":false}""")]
    [InlineData("""{ "kind": "float", "absolute": 0.5 }""", """{"kind":"float","absolute":0.5,"relative":0,"ignoreCase":false}""")]
    [InlineData("""{ "kind": "unordered-lines", "ignoreCase": true }""", """{"kind":"unordered-lines","ignoreCase":true}""")]
    [InlineData("""{ "kind": "exact" }""", """{"kind":"exact","ignoreCase":false}""")]
    [InlineData("""{ "kind": "program", "language": "python", "source": "pass" }""", """{"kind":"program","ignoreCase":false,"language":"python","source":"pass"}""")]
    public async Task A_checker_is_what_its_author_says(string said, string stored) =>
        (await CreateAsync(said)).Data["checker"]!.ToJsonString().ShouldBe(stored);

    [Theory]
    [InlineData("""{ }""", "checker.kind")]
    [InlineData("""{ "kind": "tokens", "absolute": 1, "relative": 1, "language": "c", "source": "x" }""", "checker.absolute,checker.language,checker.relative,checker.source")]
    [InlineData("""{ "kind": "program", "ignoreCase": true }""", "checker.ignoreCase,checker.language,checker.source")]
    [InlineData("""{ "kind": "float", "absolute": -1, "relative": 2 }""", "checker.absolute,checker.relative")]
    [InlineData("""{ "kind": "program", "language": "cobol", "source": "a\u0000b" }""", "checker.language,checker.source")]
    [InlineData("""{ "kind": "telepathy" }""", "checker")]
    [InlineData("""7""", "checker")]
    public async Task Every_wrong_field_of_a_checker_is_named(string said, string fields)
    {
        var answer = await CreateAsync(said);
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        string.Join(',', answer.Fields).ShouldBe(fields, answer.Body);
    }

    [Fact]
    public async Task A_checker_program_has_64_KiB_at_most()
    {
        (await CreateAsync($$"""{ "kind": "program", "language": "c", "source": "{{new string('x', 64 * 1024)}}" }""")).Status.ShouldBe(HttpStatusCode.Created);
        (await CreateAsync($$"""{ "kind": "program", "language": "c", "source": "{{new string('x', (64 * 1024) + 1)}}" }""")).Fields.ShouldBe(["checker.source"]);
    }

    [Fact]
    public async Task A_checker_program_is_in_no_answer_to_anybody_but_author_and_admin()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var changed = await author.PutAsync($"{Route}/{id}", new
        {
            title = "Add",
            statement = "Add.",
            difficulty = "easy",
            checker = new { kind = "program", language = "python", source = _secret },
        });
        changed.Data["checker"]!["source"]!.GetValue<string>().ShouldBe(_secret);
        foreach (var caller in (HttpClient[])[service.Anonymous(), service.Learner(), service.Instructor(), author])
        {
            var open = await caller.AskAsync($"{Route}/{id}");
            open.Data["checker"]!.ToJsonString().ShouldBe("""{"kind":"program","ignoreCase":false}""");
            (await caller.AskAsync($"{Route}?q=Add")).Body.ShouldNotContain("4711");
        }
    }

    private Task<Answer> CreateAsync(string checker) =>
        service.Instructor().PostTextAsync(Route, $$"""{ "title": "Sum", "statement": "Add.", "difficulty": "easy", "checker": {{checker}} }""");
}
