namespace TalentSphere.Cli.Machine;

/// <summary>The real Aspire dashboard, from its npm package, once per user and version.</summary>
public static class AspireDashboard
{
    private const string _version = "13.5.4";
    private const string _package = "@microsoft/aspire-cli-linux-x64";

    /// <summary>Where it is kept.</summary>
    public static string Directory { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "talentsphere", "dashboard-" + _version);

    /// <summary>True when it can be started.</summary>
    public static bool IsInstalled => File.Exists(Path.Combine(Directory, "bundle", "managed", "aspire-managed"));

    /// <summary>Gets it, when npm is there. The mesh runs without it: a failure is told in one line and is not an error.</summary>
    public static async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (IsInstalled)
            return;
        Console.WriteLine($"Getting the Aspire dashboard {_version} with npm …");
        var log = Path.Combine(Mesh.MeshPaths.Logs, "dashboard-install.log");
        System.IO.Directory.CreateDirectory(Directory);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "home")).FullName,
            ["ASPIRE_HOME"] = Directory,
            ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1",
        };
        var cli = Path.Combine(Directory, "node_modules", "@microsoft", "aspire-cli-linux-x64", "bin", "aspire");
        var done = Tool.Find("npm") is { } npm
            && await Tool.RunToLogAsync(log, npm, ["install", "--no-audit", "--no-fund", "--prefix", Directory, $"{_package}@{_version}"], cancellationToken: cancellationToken) == 0
            && await Tool.RunToLogAsync(log, cli, ["--nologo", "--non-interactive", "setup", "--install-path", Directory], environment, cancellationToken: cancellationToken) == 0
            && IsInstalled;
        if (!done)
            Console.WriteLine($"The dashboard could not be installed ({log}); the mesh runs without it.");
    }
}
