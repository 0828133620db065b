namespace TalentSphere.Judge.Languages;

/// <summary>C by GCC.</summary>
internal static class C
{
    public static Language Language { get; } = new()
    {
        Id = "c",
        Name = "C",
        TimeFactor = 1,
        Packages = "gcc libc6-dev",
        Programs = new Dictionary<string, IReadOnlyList<string>> { ["gcc"] = ["/usr/bin/gcc", "/usr/local/bin/gcc"] },
        Version = tools => [tools["gcc"], "-dumpfullversion"],
        Compile = tools => ["/bin/sh", "-c", "\"$0\" -x c -std=gnu17 -O2 -pipe -o /tmp/program - -lm && exec cat /tmp/program", tools["gcc"]],
        Artifact = "/w/program",
        CompileLimits = Languages.Language.CompilerLimits(megabytes: 320),
        Run = (_, _) => ["/w/program"],
    };
}
