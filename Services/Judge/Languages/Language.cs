using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Languages;

/// <summary>A language: how its programs are compiled and run. Adding one is a file with one of these, its line in the catalogue and its tests.</summary>
internal sealed record Language
{
    /// <summary>What jobs call it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Time limits are multiplied by this: what the same algorithm takes here, beside C.</summary>
    public required double TimeFactor { get; init; }

    /// <summary>The programs of the toolchain under the names that <see cref="Compile"/> and <see cref="Run"/> use, each with the places where it may be.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Programs { get; init; }

    /// <summary>The distribution's packages that bring it.</summary>
    public required string Packages { get; init; }

    /// <summary>Prints the version, in a box; of what it prints, the first number with dots counts.</summary>
    public required Func<Toolchain, IReadOnlyList<string>> Version { get; init; }

    /// <summary>
    /// Takes the source from standard input and writes the program to standard output, in a box; null where the source is the program.
    /// </summary>
    public Func<Toolchain, IReadOnlyList<string>>? Compile { get; init; }

    /// <summary>Runs the program, which is the file <see cref="Artifact"/>, with this much memory, in bytes.</summary>
    public required Func<Toolchain, long, IReadOnlyList<string>> Run { get; init; }

    /// <summary>Where the program is put in its box.</summary>
    public required string Artifact { get; init; }

    /// <summary>Variables that the program finds, when it has this much memory, in bytes.</summary>
    public Func<long, IReadOnlyDictionary<string, string>> Environment { get; init; } = _ => new Dictionary<string, string>();

    /// <summary>Files that every box of this language finds: their paths and what is in them.</summary>
    public Func<Toolchain, IReadOnlyDictionary<string, string>> Files { get; init; } = _ => new Dictionary<string, string>();

    /// <summary>Folders of the machine that it needs beside <c>/usr</c> and its libraries, of those that are there.</summary>
    public Func<IEnumerable<string>> Folders { get; init; } = () => [];

    /// <summary>What the runtime takes for itself, in bytes; programs are not charged for it.</summary>
    public long Overhead { get; init; }

    /// <summary>Processes and threads at once, the runtime's own included.</summary>
    public int Processes { get; init; } = 64;

    /// <summary>What the runtime says on standard error when its own limit of memory ends the program.</summary>
    public IReadOnlyList<string> OutOfMemoryMarks { get; init; } = [];

    public BoxLimits CompileLimits { get; init; } = CompilerLimits(megabytes: 768);

    /// <summary>What compilers may use, with this much memory.</summary>
    public static BoxLimits CompilerLimits(int megabytes) => new()
    {
        Cpu = TimeSpan.FromSeconds(10),
        Wall = TimeSpan.FromSeconds(20),
        MemoryBytes = (long)megabytes << 20,
        OutputBytes = 16 << 20,
        FileBytes = 64 << 20,
        Descriptors = 256,
        Processes = 64,
        Processors = 2,
    };
}

/// <summary>A language on this machine.</summary>
internal sealed record Toolchain
{
    public required Language Language { get; init; }

    /// <summary>Null when it could not be found out.</summary>
    public string? Version { get; init; }

    /// <summary>Why it cannot be used here; null when it can.</summary>
    public string? Reason { get; init; }

    public bool IsAvailable => Reason is null;

    /// <summary>Where its programs are.</summary>
    public IReadOnlyDictionary<string, string> Paths { get; init; } = new Dictionary<string, string>();

    /// <summary>The folders of the machine that its boxes see.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The files that its boxes find.</summary>
    public IReadOnlyList<BoxFile> Files { get; init; } = [];

    /// <summary>In words, as verdicts carry it.</summary>
    public string Name => Version is null ? Language.Name : $"{Language.Name} {Version}";

    public string this[string program] => Paths[program];

    public static Toolchain Missing(Language language, string reason) => new() { Language = language, Reason = reason };
}
