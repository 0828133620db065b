namespace TalentSphere.Judge.Languages;

/// <summary>Python 3, the system's own: isolated from the environment and from packages that happen to be installed.</summary>
internal static class Python
{
    private const string _source = "/w/main.py";

    // Without the site module, which is half of the interpreter's start, nobody defines exit and quit; half of all short programs end with one of them.
    private const string _start = $"import builtins,sys;builtins.exit=builtins.quit=sys.exit;del builtins,sys;__file__='{_source}';exec(compile(open(__file__,'rb').read(),__file__,'exec'))";

    public static Language Language { get; } = new()
    {
        Id = "python",
        Name = "Python",
        TimeFactor = 3,
        Packages = "python3",
        // Not whatever comes first in PATH: a version manager's shim cannot be reached from a box.
        Programs = new Dictionary<string, IReadOnlyList<string>> { ["python"] = ["/usr/bin/python3", "/usr/local/bin/python3"] },
        Version = tools => [tools["python"], "-I", "-S", "--version"],
        Artifact = _source,
        // -I: no user's folder, no PYTHON* variables; -S: no site packages, which saves half of the start.
        Run = (tools, _) => [tools["python"], "-I", "-S", "-B", "-c", _start],
    };
}
