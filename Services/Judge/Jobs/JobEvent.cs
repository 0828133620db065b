using System.Text.Json.Serialization;

namespace TalentSphere.Judge.Jobs;

/// <summary>One line of a job's answer.</summary>
public abstract record JobEvent([property: JsonPropertyOrder(-1)] string Event);

/// <summary>The job has its slot.</summary>
public sealed record JobStarted(string Toolchain) : JobEvent("started");

/// <summary>The compiler runs.</summary>
public sealed record JobCompiling() : JobEvent("compiling");

/// <summary>The compiler has ended.</summary>
/// <param name="Ok">True when there is a program now.</param>
/// <param name="Messages">What it said, shortened.</param>
/// <param name="TimeMs">Wall time.</param>
public sealed record JobCompiled(bool Ok, string Messages, int TimeMs) : JobEvent("compiled");

/// <summary>A test has ended.</summary>
public sealed record JobTested(int Ordinal, int Index, int Of, string Verdict, int CpuMs, int WallMs, int MemoryKb, string? Detail) : JobEvent("test")
{
    /// <summary>Standard output, shortened; only where it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Output { get; init; }

    /// <summary>Standard error, shortened; only where it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ErrorOutput { get; init; }
}

/// <summary>The last line.</summary>
/// <param name="Verdict">The first test's that is not accepted, or else accepted.</param>
/// <param name="CpuMs">The longest test's.</param>
/// <param name="MemoryKb">The largest test's.</param>
/// <param name="Toolchain">What it was judged with.</param>
public sealed record JobFinished(string Verdict, int CpuMs, int MemoryKb, string Toolchain) : JobEvent("finished");
