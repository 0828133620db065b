namespace TalentSphere.Judge.Sandbox;

/// <summary>What of this machine boxes are made of.</summary>
internal sealed record BoxMachine
{
    private static readonly string[] _programFolders = ["/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin"];

    public required string Shell { get; init; }

    public required string Bubblewrap { get; init; }

    public required string SetLimits { get; init; }

    /// <summary>True when this process may become other users: then each slot is one.</summary>
    public required bool Privileged { get; init; }

    /// <summary>bwrap options that lay out the machine's programs and libraries, read-only.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Layout { get; init; }

    /// <summary>Looks for what is needed.</summary>
    /// <exception cref="SandboxException">Something is missing; it says what.</exception>
    public static BoxMachine Find() => new()
    {
        Shell = Program("sh", "dash"),
        Bubblewrap = Program("bwrap", "bubblewrap"),
        SetLimits = Program("prlimit", "util-linux"),
        Privileged = Environment.IsPrivilegedProcess,
        Layout = [.. LayOut()],
    };

    private static string Program(string name, string package) => Array.Find(_programFolders.Select(f => Path.Join(f, name)).ToArray(), File.Exists)
        ?? throw new SandboxException($"{name} is missing: install the package {package}");

    private static IEnumerable<IReadOnlyList<string>> LayOut()
    {
        yield return ["--ro-bind", "/usr", "/usr"];
        foreach (var folder in (string[])["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"])
        {
            if (new DirectoryInfo(folder) is not { Exists: true } directory)
                continue;
            yield return directory.LinkTarget is { } target ? ["--symlink", target, folder] : ["--ro-bind", folder, folder];
        }
        foreach (var path in (string[])["/etc/alternatives", "/etc/ld.so.cache"])
        {
            if (Path.Exists(path))
                yield return ["--ro-bind", path, path];
        }
    }
}
