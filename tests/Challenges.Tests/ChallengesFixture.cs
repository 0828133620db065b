using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Tests;
using TalentSphere.Challenges.Tests.Judging;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(ChallengesFixture))]

namespace TalentSphere.Challenges.Tests;

/// <summary>The service as it runs in the mesh, with its sample content, one for the assembly; every test brings people of its own.</summary>
public class ChallengesFixture : TestService<ChallengesDbContext>
{
    public const string Route = "/api/v1/challenges";

    public ChallengesFixture()
        : base("challenges")
    {
        Settings["Logging:LogLevel:Default"] = "Warning";
        Settings["SampleContent:Load"] = "true";
        Settings["Judge:Key"] = StandInJudge.Key;
        Settings["Proofs:KeyEncryptionKey"] = "a-secret-of-the-test-run-and-of-nothing-else";
    }

    /// <summary>What judges here.</summary>
    public StandInJudge Judge { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Judge = await StandInJudge.StartAsync();
        Settings["services:judge:http:0"] = Judge.Address;
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Judge.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public HttpClient Instructor(Guid? userId = null) => SignedIn(userId ?? Guid.CreateVersion7(), Roles.Instructor);

    public HttpClient Learner(Guid? userId = null) => SignedIn(userId ?? Guid.CreateVersion7(), Roles.JobSeeker);

    public static object Challenge(string title = "Add two numbers", string difficulty = "easy", params string[] tags) =>
        new { title, statement = "Read two numbers and print their sum.", difficulty, tags };

    public static object Test(bool sample, string input = "1 2\n", string expectedOutput = "3\n", int? ordinal = null) => new { sample, input, expectedOutput, ordinal };

    public static object Solution(string language = "python", string expected = "accepted", string source = "print(1)", string name = "One") =>
        new { name, language, source, expected };

    /// <summary>A draft of the caller's.</summary>
    public static async Task<Guid> DraftAsync(HttpClient author, string title = "Add two numbers", string difficulty = "easy", params string[] tags) =>
        (await author.PostAsync(Route, Challenge(title, difficulty, tags))).Id;

    /// <summary>Has the caller's challenge checked and says how that ended.</summary>
    public static async Task<Answer> CheckedAsync(HttpClient author, Guid id)
    {
        var begun = await author.PostAsync($"{Route}/{id}/check");
        begun.Status.ShouldBe(System.Net.HttpStatusCode.Accepted, begun.Body);
        return await Eventually.SeesAsync(
            () => author.AskAsync(begun.Headers.Location!.ToString()), a => a.Data["state"]!.GetValue<string>() is "passed" or "failed", "the check to end");
    }

    /// <summary>A challenge of the caller's with one sample, one hidden test and two reference solutions, checked and published.</summary>
    public static async Task<Guid> PublishedAsync(HttpClient author, string title = "Add two numbers", string difficulty = "easy", string hidden = "3 4\n", params string[] tags)
    {
        var id = await DraftAsync(author, title, difficulty, tags);
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true));
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false, hidden, "7\n"));
        await PublishAsync(author, id);
        return id;
    }

    /// <summary>Gives the caller's draft two reference solutions, has them checked and publishes it.</summary>
    public static async Task PublishAsync(HttpClient author, Guid id)
    {
        await author.PostAsync($"{Route}/{id}/solutions", Solution());
        await author.PostAsync($"{Route}/{id}/solutions", Solution("c"));
        await CheckedAsync(author, id);
        (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    /// <summary>Hands in a solution.</summary>
    public static async Task<Guid> SubmitAsync(HttpClient learner, Guid challengeId, string code = "print(3)", string language = "python")
    {
        var taken = await learner.PostAsync($"{Route}/{challengeId}/submissions", new { language, code });
        taken.Status.ShouldBe(System.Net.HttpStatusCode.Accepted, taken.Body);
        return taken.Id;
    }

    /// <summary>Waits for the verdict of a submission, or for the next one after <paramref name="after"/> attempts.</summary>
    public static async Task<System.Text.Json.Nodes.JsonNode> JudgedAsync(HttpClient learner, Guid submissionId, int after = 0) => (await Eventually.SeesAsync(
        () => learner.AskAsync($"/api/v1/submissions/{submissionId}"),
        a => a.Data["status"]!.GetValue<string>() == "judged" && a.Data["judgement"]!["attempt"]!.GetValue<int>() > after, "a verdict", TimeSpan.FromSeconds(40))).Data;
}
