using System.Diagnostics;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>The files of the checkout, as they stand.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>What is generated and committed.</summary>
    public static string Manifests { get; } = Path.Combine(Root, "k8s");

    /// <summary>True where a check that could not be made counts as failed.</summary>
    public static bool IsCi { get; } = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>
    /// Where the published schemas lie: beside the checkout, or where <c>TALENTSPHERE_K8S_SCHEMAS</c> says. Null when they are not here.
    /// </summary>
    public static string? Schemas { get; } =
        new[] { Environment.GetEnvironmentVariable("TALENTSPHERE_K8S_SCHEMAS"), Path.Combine(Root, "..", "shared", "k8s-schemas") }
            .FirstOrDefault(d => !string.IsNullOrEmpty(d) && Directory.Exists(d));

    /// <summary>Every file of a folder, relative to it, in a stable order.</summary>
    public static IReadOnlyList<string> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)];

    /// <summary>Where a program is, or null.</summary>
    public static string? Program(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TalentSphere.sln")))
                return directory.FullName;
        }
        throw new InvalidOperationException($"No checkout above {AppContext.BaseDirectory}.");
    }
}
