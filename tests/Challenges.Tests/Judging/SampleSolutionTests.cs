using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests.Judging;

/// <summary>The service with its sample content and a judge that really judges.</summary>
public sealed class JudgedFixture : TestService<ChallengesDbContext>
{
    public JudgedFixture()
        : base("challenges")
    {
        Settings["Logging:LogLevel:Default"] = "Warning";
        Settings["SampleContent:Load"] = "true";
        Settings["Judge:Key"] = RealJudge.Key;
        Settings["Proofs:KeyEncryptionKey"] = "a-secret-of-the-test-run-and-of-nothing-else";
    }

    public RealJudge Judge { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Judge = await RealJudge.StartAsync();
        Settings["services:judge:http:0"] = Judge.Address.ToString();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Judge.DisposeAsync();
    }
}

public class SampleSolutionTests(JudgedFixture service) : IClassFixture<JudgedFixture>
{
    [Fact]
    public async Task An_imported_package_is_proven_by_the_judge_and_published()
    {
        service.Judge.Reason.ShouldBeNull("judging is what this is about");
        var author = service.SignedIn(Guid.CreateVersion7(), Roles.Instructor);
        var files = PackageArchives.Sum();
        var plain = await ImportTests.ImportAsync(author, PackageArchives.Zip(files));
        // Any number is right: only a program can tell.
        files["problem.yaml"] += "\nvalidation: custom\n";
        files["output_validators/check.py"] = "import sys\nsys.exit(42 if sys.stdin.read().strip().isdigit() else 43)\n";
        files["submissions/wrong_answer/three.py"] = "print('three')\n";
        var custom = await ImportTests.ImportAsync(author, PackageArchives.Zip(files));
        foreach (var id in (Guid[])[plain.Id, custom.Id])
        {
            (await author.PostAsync($"{Route}/{id}/check")).Status.ShouldBe(System.Net.HttpStatusCode.Accepted);
            var ended = await Eventually.SeesAsync(
                () => author.AskAsync($"{Route}/{id}/check"), a => a.Data["state"]!.GetValue<string>() is "passed" or "failed", "the check of a package", TimeSpan.FromMinutes(4));
            ended.Data["state"]!.GetValue<string>().ShouldBe("passed", ended.Body);
            (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("", "accepted")]
    [InlineData("validator_flags: case_sensitive", "wrong_answer")]
    public async Task Letters_in_another_case_are_right_unless_the_package_says_otherwise(string flags, string expected)
    {
        service.Judge.Reason.ShouldBeNull("judging is what this is about");
        var author = service.SignedIn(Guid.CreateVersion7(), Roles.Instructor);
        var files = PackageArchives.With(flags);
        foreach (var path in files.Keys.Where(p => p.StartsWith("submissions/", StringComparison.Ordinal) || p.StartsWith("data/", StringComparison.Ordinal)).ToList())
            files.Remove(path);
        (files["data/sample/1.in"], files["data/sample/1.ans"], files["data/secret/1.in"], files["data/secret/1.ans"]) = ("", "Yes 1.0\n", "", "Yes 1.0\n");
        files["submissions/accepted/yes.py"] = "print('Yes 1.0')";
        files["submissions/accepted/yes.js"] = "console.log('Yes  1.0')";
        files[$"submissions/{expected}/shout.py"] = "print('YES 1.0')";
        files["submissions/wrong_answer/no.py"] = "print('No 1.0')";
        var id = (await ImportTests.ImportAsync(author, PackageArchives.Zip(files))).Id;
        (await author.PostAsync($"{Route}/{id}/check")).Status.ShouldBe(System.Net.HttpStatusCode.Accepted);
        var ended = await Eventually.SeesAsync(
            () => author.AskAsync($"{Route}/{id}/check"), a => a.Data["state"]!.GetValue<string>() is "passed" or "failed", "the check", TimeSpan.FromMinutes(4));
        ended.Data["state"]!.GetValue<string>().ShouldBe("passed", ended.Body);
    }

    [Fact]
    public async Task Every_solution_of_every_sample_challenge_gets_the_verdict_that_it_declares()
    {
        service.Judge.Reason.ShouldBeNull("judging is what this is about");
        var samples = await service.WithAsync<ChallengesDbContext, List<Challenge>>(db => db.Challenges.Where(c => c.Slug != null).OrderBy(c => c.Slug).ToListAsync());
        samples.Count.ShouldBe(12);
        var admin = service.SignedIn(Guid.CreateVersion7(), Roles.Admin);
        foreach (var sample in samples)
            (await admin.PostAsync($"{Route}/{sample.Id}/check")).Status.ShouldBe(System.Net.HttpStatusCode.Accepted);
        foreach (var sample in samples)
        {
            var ended = await Eventually.SeesAsync(
                () => admin.AskAsync($"{Route}/{sample.Id}/check"), a => a.Data["state"]!.GetValue<string>() is "passed" or "failed", $"the check of {sample.Slug}", TimeSpan.FromMinutes(4));
            foreach (var solution in ended.Data["solutions"]!.AsArray())
                TestContext.Current.TestOutputHelper!.WriteLine($"{sample.Slug} {solution!["name"]} {solution["actual"]} at {solution["ordinal"]} {solution["cpuMs"]} ms {solution["memoryKb"]} KiB");
            ended.Data["state"]!.GetValue<string>().ShouldBe("passed", $"{sample.Slug}: {ended.Body}");
            ended.Data["solutions"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(3);
        }
    }
}
