namespace TalentSphere.Judge.Languages;

/// <summary>C++ by GCC.</summary>
internal static class CPlusPlus
{
    public static Language Language { get; } = new()
    {
        Id = "cpp",
        Name = "C++",
        TimeFactor = 1,
        Packages = "g++",
        Programs = new Dictionary<string, IReadOnlyList<string>> { ["g++"] = ["/usr/bin/g++", "/usr/local/bin/g++"] },
        Version = tools => [tools["g++"], "-dumpfullversion"],
        Compile = tools => ["/bin/sh", "-c", "\"$0\" -x c++ -std=gnu++20 -O2 -pipe -o /tmp/program - && exec cat /tmp/program", tools["g++"]],
        Artifact = "/w/program",
        Run = (_, _) => ["/w/program"],
    };
}
