using System.Text.Json.Serialization;

namespace TalentSphere.Challenges.Judging;

/// <summary>The words for what became of one test, or of a whole submission, as the judge says them and as everybody reads them.</summary>
public static class Verdicts
{
    public const string Accepted = "accepted";
    public const string WrongAnswer = "wrong-answer";
    public const string TimeLimit = "time-limit";
    public const string MemoryLimit = "memory-limit";
    public const string OutputLimit = "output-limit";
    public const string RuntimeError = "runtime-error";
    public const string CompileError = "compile-error";
    public const string InternalError = "internal-error";

    /// <summary>Every one of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Accepted, WrongAnswer, TimeLimit, MemoryLimit, OutputLimit, RuntimeError, CompileError, InternalError];
}

/// <summary>What the judge can do at the moment.</summary>
/// <param name="MayJudge">False: it found that it cannot run anything safely here, and refuses.</param>
/// <param name="Reason">Why it refuses; null when it does not.</param>
/// <param name="Slots">How many jobs it takes at a time, all replicas together.</param>
/// <param name="Languages">What it knows, also what this machine lacks the toolchain for.</param>
public sealed record JudgeLanguages(bool MayJudge, string? Reason, int Slots, IReadOnlyList<JudgeLanguage> Languages);

/// <summary>A language as the judge sees it.</summary>
/// <param name="Id">For instance <c>python</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Version">The toolchain's; null when there is none.</param>
/// <param name="Available">False: the toolchain is missing.</param>
/// <param name="Reason">Why it is not available.</param>
/// <param name="TimeFactor">What a challenge's time limit is multiplied by.</param>
/// <param name="Compiled">True when there is a compile step.</param>
public sealed record JudgeLanguage(string Id, string Name, string? Version, bool Available, string? Reason, double TimeFactor, bool Compiled);

/// <summary>One program to run against tests.</summary>
/// <param name="Id">This attempt's own id.</param>
/// <param name="Language">The language's id.</param>
/// <param name="Source">The program.</param>
/// <param name="Limits">For each test.</param>
/// <param name="Checker">How output is compared.</param>
/// <param name="Tests">At least one, in the order in which they run.</param>
public sealed record JudgeJob(Guid Id, string Language, string Source, JudgeLimits Limits, JudgeChecker Checker, IReadOnlyList<JudgeTest> Tests)
{
    /// <summary>True: nothing runs after the first test that is not accepted.</summary>
    public bool StopAtFirstFailure { get; init; }

    /// <summary>True: results carry what the program wrote. Only ever for samples.</summary>
    public bool CaptureOutput { get; init; }
}

/// <summary>The limits of one test.</summary>
/// <param name="CpuMs">CPU time, milliseconds, before the language's factor.</param>
/// <param name="MemoryKb">Memory, KiB.</param>
/// <param name="OutputKb">What the program may write, KiB.</param>
public sealed record JudgeLimits(int CpuMs, int MemoryKb, int OutputKb);

/// <summary>How a program's output is compared with the expected one.</summary>
/// <param name="Kind"><c>exact</c>, <c>tokens</c>, <c>float</c>, <c>unordered-lines</c> or <c>program</c>.</param>
public sealed record JudgeChecker(string Kind)
{
    /// <summary>For <c>float</c>: the absolute tolerance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Absolute { get; init; }

    /// <summary>For <c>float</c>: the relative tolerance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Relative { get; init; }

    /// <summary>Letters may come in either case; never for <c>program</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IgnoreCase { get; init; }

    /// <summary>For <c>program</c>: its language.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>For <c>program</c>: its source.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }
}

/// <summary>One test of a job.</summary>
/// <param name="Ordinal">Its place in the challenge.</param>
/// <param name="Input">What the program reads.</param>
/// <param name="ExpectedOutput">What it should write.</param>
public sealed record JudgeTest(int Ordinal, string Input, string ExpectedOutput);

/// <summary>Something the judge tells while it works on a job.</summary>
public abstract record JudgeEvent;

/// <summary>A slot was free and the work begins.</summary>
/// <param name="Toolchain">For instance <c>Python 3.11.2</c>.</param>
public sealed record JudgeStarted(string Toolchain) : JudgeEvent;

/// <summary>The compiler runs.</summary>
public sealed record JudgeCompiling : JudgeEvent;

/// <summary>The compiler is done.</summary>
/// <param name="Ok">False: nothing to run came of it.</param>
/// <param name="Messages">What it said, at most some KiB.</param>
/// <param name="TimeMs">How long it took, milliseconds.</param>
public sealed record JudgeCompiled(bool Ok, string? Messages, int TimeMs) : JudgeEvent;

/// <summary>One test is done.</summary>
/// <param name="Ordinal">Its place in the challenge.</param>
/// <param name="Index">How many are done with it, from 1.</param>
/// <param name="Of">How many there are.</param>
/// <param name="Verdict">One of <see cref="Verdicts"/>.</param>
/// <param name="CpuMs">CPU time, milliseconds.</param>
/// <param name="WallMs">Time that passed, milliseconds.</param>
/// <param name="MemoryKb">Peak memory, KiB.</param>
/// <param name="Detail">Which limit or signal it was, for instance <c>cpu</c>, <c>signal 11</c>, <c>exit 1</c>; null when there is nothing to say.</param>
public sealed record JudgeTested(int Ordinal, int Index, int Of, string Verdict, int CpuMs, int WallMs, int MemoryKb, string? Detail) : JudgeEvent
{
    /// <summary>What the program wrote to its standard output; only with <see cref="JudgeJob.CaptureOutput"/>.</summary>
    public string? Output { get; init; }

    /// <summary>What it wrote to its standard error; only with <see cref="JudgeJob.CaptureOutput"/>.</summary>
    public string? ErrorOutput { get; init; }
}

/// <summary>The job is done; nothing follows.</summary>
/// <param name="Verdict">The first that is not accepted, by the order of tests; else accepted.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
/// <param name="Toolchain">What compiled and ran it.</param>
public sealed record JudgeFinished(string Verdict, int CpuMs, int MemoryKb, string Toolchain) : JudgeEvent;
