using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Samples;

/// <summary>
/// Publishes the challenges that come with the service, each once, by its slug. On by default in development; configuration
/// <c>SampleContent:Load</c> decides.
/// </summary>
internal sealed partial class LoadSampleContent(
    ChallengesDbContext db, IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<LoadSampleContent> logger) : IStartupTask
{
    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        if (!SampleContent.IsWanted(configuration, environment) || !Directory.Exists(SampleContent.Folder))
            return;
        List<string> folders = [.. Directory.GetDirectories(SampleContent.Folder).Order(StringComparer.Ordinal)];
        if (await MissingAsync(folders, cancellationToken) is { Count: 0 } && await UnprovenAsync(cancellationToken) is { Count: 0 })
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SampleContent.TakeTurnAsync(db, cancellationToken);
        // Another replica may have been at it while we waited for the lock.
        var missing = await MissingAsync(folders, cancellationToken);
        foreach (var folder in missing)
            db.Challenges.Add(await ReadAsync(folder, cancellationToken));
        foreach (var challenge in await UnprovenAsync(cancellationToken))
        {
            if (folders.Find(f => Path.GetFileName(f) == challenge.Slug) is not { } folder)
                continue;
            db.Solutions.AddRange(await SolutionsAsync(folder, challenge.Id, cancellationToken));
            challenge.ChangeSolutions();
        }
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Loaded(logger, missing.Count);
    }

    private async Task<List<string>> MissingAsync(List<string> folders, CancellationToken cancellationToken)
    {
        var known = await db.Challenges.Where(c => c.Slug != null).Select(c => c.Slug).ToListAsync(cancellationToken);
        return folders.FindAll(f => !known.Contains(Path.GetFileName(f)));
    }

    /// <summary>Sample challenges of an earlier version, which had no solutions.</summary>
    private Task<List<Challenge>> UnprovenAsync(CancellationToken cancellationToken) =>
        db.Challenges.Where(c => c.Slug != null && c.Solutions.Count == 0).ToListAsync(cancellationToken);

    private async Task<Challenge> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var slug = Path.GetFileName(folder);
        await using var file = File.OpenRead(Path.Combine(folder, "challenge.json"));
        var sample = await JsonSerializer.DeserializeAsync<SampleChallenge>(file, ApiJson.Options, cancellationToken);
        if (sample is null || sample.Slug != slug)
            throw new InvalidDataException($"The sample challenge in '{slug}' says that it is '{sample?.Slug}'.");
        var challenge = new Challenge
        {
            Id = Guid.CreateVersion7(),
            Slug = slug,
            AuthorId = SystemAccount.Id,
            Title = sample.Title,
            Statement = await File.ReadAllTextAsync(Path.Combine(folder, "statement.md"), cancellationToken),
            Difficulty = sample.Difficulty,
            Tags = [.. sample.Tags],
            TimeLimitMs = sample.TimeLimitMs,
            MemoryLimitKb = sample.MemoryLimitKb,
            Checker = sample.Checker?.ToSpec() ?? CheckerSpec.Default,
        };
        challenge.TestCases.AddRange(sample.TestCases.Select(t => new TestCase
        {
            Id = Guid.CreateVersion7(),
            ChallengeId = challenge.Id,
            Ordinal = t.Ordinal,
            Sample = t.Sample,
            Input = t.Input,
            ExpectedOutput = t.ExpectedOutput,
            Explanation = t.Explanation,
        }));
        challenge.Solutions.AddRange(await SolutionsAsync(folder, challenge.Id, cancellationToken));
        // That they behave as declared is what the tests of this repository see to: a mesh without a judge has sample content too.
        if (!challenge.HasReferences || !challenge.Publish(time.GetUtcNow().UtcDateTime))
            throw new InvalidDataException($"The sample challenge '{slug}' lacks a sample, a hidden test, or accepted solutions in two languages.");
        return challenge;
    }

    /// <summary>A file says by its name what it must come to, as in <c>wrong_answer.py</c>, and by its ending what it is written in.</summary>
    private static async Task<List<Solution>> SolutionsAsync(string folder, Guid challengeId, CancellationToken cancellationToken)
    {
        var solutions = new List<Solution>();
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "solutions")).Order(StringComparer.Ordinal))
        {
            var expected = Path.GetFileNameWithoutExtension(file).Replace('_', '-');
            if (SourceFiles.LanguageOf(file) is not { } language || !Verdicts.All.Contains(expected))
                throw new InvalidDataException($"'{file}' says neither by its name nor by its ending what it is.");
            solutions.Add(new Solution
            {
                Id = Guid.CreateVersion7(),
                ChallengeId = challengeId,
                Name = Path.GetFileName(file),
                Language = language,
                Source = await File.ReadAllTextAsync(file, cancellationToken),
                Expected = expected,
            });
        }
        return solutions;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Count} sample challenges")]
    private static partial void Loaded(ILogger logger, int count);

    private sealed record SampleChallenge(
        string Slug, string Title, Difficulty Difficulty, IReadOnlyList<string> Tags, int TimeLimitMs, int MemoryLimitKb, CheckerRequest? Checker,
        IReadOnlyList<SampleTest> TestCases);

    private sealed record SampleTest(int Ordinal, bool Sample, string Input, string ExpectedOutput, string? Explanation = null);
}
