namespace TalentSphere.Judge.Sandbox;

/// <summary>What a box may use.</summary>
public sealed record BoxLimits
{
    /// <summary>Processor time of everything in the box together.</summary>
    public required TimeSpan Cpu { get; init; }

    /// <summary>From the start of the box to its end.</summary>
    public required TimeSpan Wall { get; init; }

    /// <summary>Memory and swap of everything in the box together, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>What is read of standard output, in bytes; one more ends the box.</summary>
    public required int OutputBytes { get; init; }

    /// <summary>The same for standard error.</summary>
    public int ErrorBytes { get; init; } = 256 * 1024;

    /// <summary>Processes and threads at once, the box's own three included.</summary>
    public int Processes { get; init; } = 64;

    /// <summary>The largest file that may be written, in bytes.</summary>
    public long FileBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Descriptors that a process may have open.</summary>
    public int Descriptors { get; init; } = 64;

    /// <summary>How many processors it may keep busy.</summary>
    public double Processors { get; init; } = 1;
}

/// <summary>A file that the box finds, read-only.</summary>
/// <param name="Path">Where, absolute; below <c>/w</c>, which is the working directory.</param>
/// <param name="Content">Its content.</param>
internal sealed record BoxFile(string Path, SealedFile Content);

/// <summary>One run of one program in a box of its own.</summary>
internal sealed record BoxSpec
{
    /// <summary>The program, by its absolute path, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required BoxLimits Limits { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<BoxFile> Files { get; init; } = [];

    /// <summary>Toolchains outside <c>/usr</c>: folders of the machine that are seen read-only under their own paths.</summary>
    public IReadOnlyList<string> Toolchains { get; init; } = [];

    /// <summary>Standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }
}

/// <summary>Why a box was ended from outside.</summary>
internal enum Breach
{
    None,
    Cpu,
    Wall,
    Output,
    Cancelled,
}

/// <summary>What came of a box.</summary>
internal sealed record BoxOutcome
{
    /// <summary>The program's own exit code, 128 and the signal's number when a signal ended it; null when it was ended from outside or never ran.</summary>
    public int? ExitCode { get; init; }

    public Breach Breach { get; init; }

    public bool OutOfMemory { get; init; }

    public TimeSpan Cpu { get; init; }

    public TimeSpan Wall { get; init; }

    public long PeakBytes { get; init; }

    public ReadOnlyMemory<byte> Output { get; init; }

    public ReadOnlyMemory<byte> Errors { get; init; }
}
