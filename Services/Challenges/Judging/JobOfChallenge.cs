using System.Text.Json;
using TalentSphere.Challenges.Catalogue;

namespace TalentSphere.Challenges.Judging;

/// <summary>Makes jobs of challenges.</summary>
internal static class JobOfChallenge
{
    /// <summary>What a program may write in one test, KiB: four times the longest expected output.</summary>
    public const int OutputLimitKb = 1024;

    // Every test tells its verdict as long as the worst program cannot hold a slot for longer than this by failing all of them.
    private const int _fullReportMs = 30_000;

    /// <summary>A job that runs a source against some of a challenge's tests.</summary>
    public static JudgeJob JobFor(this Challenge challenge, string language, string source, IEnumerable<TestCase> tests)
    {
        List<JudgeTest> ordered = [.. tests.OrderBy(t => t.Ordinal).Select(t => new JudgeTest(t.Ordinal, t.Input, t.ExpectedOutput))];
        return new(Guid.CreateVersion7(), language, source, LimitsOf(challenge), CheckerOf(challenge), ordered)
        {
            StopAtFirstFailure = (long)ordered.Count * challenge.TimeLimitMs > _fullReportMs,
        };
    }

    public static JudgeLimits LimitsOf(Challenge challenge) => new(challenge.TimeLimitMs, challenge.MemoryLimitKb, OutputLimitKb);

    public static JudgeChecker CheckerOf(Challenge challenge) => new(JsonNamingPolicy.KebabCaseLower.ConvertName(challenge.Checker.Kind.ToString()))
    {
        Absolute = challenge.Checker.Absolute,
        Relative = challenge.Checker.Relative,
        IgnoreCase = challenge.Checker.IgnoreCase,
        Language = challenge.Checker.Language,
        Source = challenge.Checker.Source,
    };
}
