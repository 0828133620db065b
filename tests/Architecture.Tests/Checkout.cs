using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace TalentSphere.Architecture.Tests;

/// <summary>The files of the checkout, as they stand.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The services' directories, by name.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. Directory.GetDirectories(Path.Combine(Root, "Services")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    /// <summary>Every project file, relative to the root.</summary>
    public static IReadOnlyList<string> Projects { get; } = [.. Files("*.csproj").Order(StringComparer.Ordinal)];

    /// <summary>Files below a directory without what builds make, relative to the root.</summary>
    public static IEnumerable<string> Files(string pattern, string below = "") =>
        Directory.EnumerateFiles(Path.Combine(Root, below), pattern, SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f))
            .Where(f => !f.Split('/').Any(part => part is "bin" or "obj" or ".git" or ".mesh" or "TestResults" or "node_modules"));

    /// <summary>What git keeps or would keep, relative to the root: what it ignores is nobody's business.</summary>
    public static IReadOnlyList<string> Kept()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        git.ExitCode.ShouldBe(0, "git ls-files");
        return files;
    }

    public static string Text(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The project files that a project references, relative to the root.</summary>
    public static IReadOnlyList<string> ReferencesOf(string project) =>
        [.. XDocument.Parse(Text(project)).Descendants("ProjectReference")
            .Select(r => Path.GetRelativePath(Root, Path.GetFullPath(Path.Combine(Root, Path.GetDirectoryName(project)!, (string)r.Attribute("Include")!))))];

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TalentSphere.sln")))
                return directory.FullName;
        }
        throw new InvalidOperationException($"No checkout above {AppContext.BaseDirectory} (compiled from {thisFile}).");
    }
}
