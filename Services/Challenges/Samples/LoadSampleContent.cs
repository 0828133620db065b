using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
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
        if (await MissingAsync(folders, cancellationToken) is { Count: 0 })
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SampleContent.TakeTurnAsync(db, cancellationToken);
        // Another replica may have been at it while we waited for the lock.
        var missing = await MissingAsync(folders, cancellationToken);
        foreach (var folder in missing)
            db.Challenges.Add(await ReadAsync(folder, cancellationToken));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Loaded(logger, missing.Count);
    }

    private async Task<List<string>> MissingAsync(List<string> folders, CancellationToken cancellationToken)
    {
        var known = await db.Challenges.Where(c => c.Slug != null).Select(c => c.Slug).ToListAsync(cancellationToken);
        return folders.FindAll(f => !known.Contains(Path.GetFileName(f)));
    }

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
        if (!challenge.Publish(time.GetUtcNow().UtcDateTime))
            throw new InvalidDataException($"The sample challenge '{slug}' lacks a sample or a hidden test.");
        return challenge;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Count} sample challenges")]
    private static partial void Loaded(ILogger logger, int count);

    private sealed record SampleChallenge(
        string Slug, string Title, Difficulty Difficulty, IReadOnlyList<string> Tags, int TimeLimitMs, int MemoryLimitKb, IReadOnlyList<SampleTest> TestCases);

    private sealed record SampleTest(int Ordinal, bool Sample, string Input, string ExpectedOutput, string? Explanation = null);
}
