using System.Globalization;

namespace TalentSphere.Judge.Languages;

/// <summary>JavaScript on Node.js; no packages beside Node's own modules.</summary>
internal static class JavaScript
{
    public static Language Language { get; } = new()
    {
        Id = "javascript",
        Name = "JavaScript",
        TimeFactor = 1.5,
        Packages = "nodejs",
        Programs = new Dictionary<string, IReadOnlyList<string>> { ["node"] = ["/usr/bin/node", "/usr/local/bin/node"] },
        Version = tools => [tools["node"], "--version"],
        Artifact = "/w/main.js",
        Run = (tools, memory) => [tools["node"], "--max-old-space-size=" + (memory >> 20).ToString(CultureInfo.InvariantCulture), "--stack-size=4000", "/w/main.js"],
        Overhead = 64L << 20,
        OutOfMemoryMarks = ["JavaScript heap out of memory"],
    };
}
