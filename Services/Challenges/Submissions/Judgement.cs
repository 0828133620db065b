namespace TalentSphere.Challenges.Submissions;

/// <summary>What one attempt at a submission came to. Written once; a later one takes its place in force and leaves it as it is.</summary>
public sealed class Judgement
{
    public const int MaxMessages = 4 * 1024;
    public const int MaxToolchain = 200;
    public const int MaxDetail = 40;

    public Guid SubmissionId { get; init; }

    /// <summary>The submission's attempt; later judgements have higher ones.</summary>
    public int Attempt { get; init; }

    public required string Verdict { get; init; }

    /// <summary>The slowest test's CPU time, milliseconds.</summary>
    public int CpuMs { get; init; }

    /// <summary>The largest test's peak memory, KiB.</summary>
    public int MemoryKb { get; init; }

    /// <summary>What compiled and ran it; empty when it never came so far.</summary>
    public required string Toolchain { get; init; }

    /// <summary>What the compiler said.</summary>
    public string? CompileMessages { get; init; }

    /// <summary>The tests that ran, in their order.</summary>
    public IReadOnlyList<TestResult> Results { get; init; } = [];

    /// <summary>The signed statement of all this (JWS, compact).</summary>
    public required string Proof { get; init; }

    /// <summary>UTC.</summary>
    public DateTime JudgedAt { get; init; }
}

/// <summary>What became of one test. It holds nothing of the test itself.</summary>
/// <param name="Ordinal">The test's place in the challenge at that time.</param>
/// <param name="Sample">Whether everybody can read the test.</param>
/// <param name="Verdict">For this test.</param>
/// <param name="CpuMs">CPU time, milliseconds.</param>
/// <param name="WallMs">Time that passed, milliseconds.</param>
/// <param name="MemoryKb">Peak memory, KiB.</param>
/// <param name="Detail">Which limit or signal it was; of a hidden test only what the program does not choose.</param>
public sealed record TestResult(int Ordinal, bool Sample, string Verdict, int CpuMs, int WallMs, int MemoryKb, string? Detail);
