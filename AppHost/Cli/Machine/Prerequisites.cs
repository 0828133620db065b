namespace TalentSphere.Cli.Machine;

/// <summary>Something that the mesh needs from the machine and the distribution's package that brings it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Package">The Debian package.</param>
/// <param name="Why">What it is needed for.</param>
/// <param name="Find">Where it is, or null.</param>
public sealed record Prerequisite(string Name, string Package, string Why, Func<string?> Find);

/// <summary>What this machine has and lacks, and getting it.</summary>
public static class Prerequisites
{
    private const string _policy = "/usr/sbin/policy-rc.d";

    /// <summary>Where boxes find toolchains: a version manager's elsewhere in PATH are of no use to them.</summary>
    private static readonly string[] _systemPrograms = ["/usr/bin", "/usr/local/bin"];

    private static readonly Prerequisite _postgres = new("PostgreSQL", "postgresql", "each service's database", () => Tool.Find("postgres", PostgresDirectories()));
    private static readonly Prerequisite _redis = new("Redis", "redis-server", "caches and leaderboards", () => Tool.Find("redis-server"));
    private static readonly Prerequisite _rabbit = new("RabbitMQ", "rabbitmq-server", "events between services", () => Tool.Find("rabbitmq-server", "/usr/lib/rabbitmq/bin", "/usr/sbin"));
    private static readonly Prerequisite _npm = new("npm", "npm", "getting the Aspire dashboard", () => Tool.Find("npm"));
    private static readonly Prerequisite _chromium = new("Chromium", "chromium", "tests of the dashboard in a browser", () => Tool.Find("chromium") ?? Tool.Find("chromium-browser") ?? Tool.Find("google-chrome"));
    private static readonly Prerequisite _promtool = new("promtool", "prometheus", "tests of the alert rules and dashboards", () => Tool.Find("promtool"));
    private static readonly Prerequisite _apparmor = new("apparmor_parser", "apparmor", "tests of the judge's AppArmor profile", () => Tool.Find("apparmor_parser", "/usr/sbin", "/sbin"));
    private static readonly Prerequisite _nginx = new("nginx", "nginx", "the gateway's benchmark, beside it", () => Tool.Find("nginx", "/usr/sbin"));
    private static readonly Prerequisite _wrk = new("wrk", "wrk", "load on the gateway", () => Tool.Find("wrk"));
    private static readonly Prerequisite _bubblewrap = new("bubblewrap", "bubblewrap", "the judge's boxes", () => Tool.Find("bwrap", _systemPrograms));

    private static readonly Prerequisite[] _toolchains =
    [
        new("Python", "python3", "judging Python", () => InSystem("python3")),
        new("Node.js", "nodejs", "judging JavaScript", () => InSystem("node")),
        new("GCC", "gcc", "judging C", () => InSystem("gcc")),
        new("G++", "g++", "judging C++", () => InSystem("g++")),
        new("JDK", "default-jdk-headless", "judging Java", () => InSystem("javac")),
    ];

    /// <summary>What servers need.</summary>
    public static IReadOnlyList<Prerequisite> Servers { get; } = [_postgres, _redis, _rabbit];

    /// <summary>What the dashboard needs.</summary>
    public static IReadOnlyList<Prerequisite> Dashboard { get; } = [_npm];

    /// <summary>What judging needs in any language.</summary>
    public static IReadOnlyList<Prerequisite> Judge { get; } = [_bubblewrap];

    /// <summary>What judging needs in every language that can be installed; C# comes with the SDK.</summary>
    public static IReadOnlyList<Prerequisite> JudgeLanguages { get; } = _toolchains;

    /// <summary>What only tests need.</summary>
    public static IReadOnlyList<Prerequisite> Browser { get; } = [_chromium];

    /// <summary>What only tests of the manifests need. Of Prometheus itself nothing is started, and of AppArmor nothing is loaded.</summary>
    public static IReadOnlyList<Prerequisite> Manifests { get; } = [_promtool, _apparmor];

    /// <summary>What only the gateway's benchmark needs.</summary>
    public static IReadOnlyList<Prerequisite> Load { get; } = [_nginx, _wrk];

    /// <summary>Installs what is missing from the distribution's packages and says so.</summary>
    /// <exception cref="MeshException">Something is missing and cannot be installed: it names what to install.</exception>
    public static async Task EnsureAsync(IEnumerable<Prerequisite> needed, CancellationToken cancellationToken)
    {
        var missing = needed.Where(p => p.Find() is null).ToList();
        if (missing.Count == 0)
            return;
        var names = string.Join(", ", missing.Select(m => m.Name));
        string[] packages = [.. missing.Select(m => m.Package)];
        if (Tool.Find("apt-get") is null)
            throw new MeshException($"{names} missing and apt-get is not here: install what provides {string.Join(", ", packages)}, then run this again");
        string[] prefix = Environment.IsPrivilegedProcess ? [] : Tool.Find("sudo") is { } sudo
            ? [sudo]
            : throw new MeshException($"{names} missing: as root, run apt-get install {string.Join(' ', packages)}");
        Console.WriteLine($"Installing {names} ({string.Join(' ', packages)}) with apt-get …");
        var log = Path.Combine(Mesh.MeshPaths.Logs, "install.log");
        string[] environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
        string[] Command(params string[] apt) => [.. prefix, .. environment, .. apt];
        var update = Command("apt-get", "update", "-q");
        var install = Command(["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", .. packages]);
        var forbidden = await ForbidStartsAsync(prefix, cancellationToken);
        try
        {
            if (await Tool.RunToLogAsync(log, install[0], install[1..], cancellationToken: cancellationToken) == 0 && missing.TrueForAll(m => m.Find() is not null))
                return;
            await Tool.RunToLogAsync(log + ".update", update[0], update[1..], cancellationToken: cancellationToken);
            if (await Tool.RunToLogAsync(log, install[0], install[1..], cancellationToken: cancellationToken) != 0)
                throw new MeshException($"apt-get could not install {string.Join(' ', packages)}; its output is in {log}\n{Tool.Tail(log, 5)}");
        }
        finally
        {
            string[] remove = [.. prefix, "rm", "-f", _policy];
            if (forbidden)
                await Tool.RunHereAsync(remove[0], remove[1..], cancellationToken: CancellationToken.None);
        }
        if (missing.Find(m => m.Find() is null) is { } still)
            throw new MeshException($"{still.Package} was installed, but {still.Name} is still not to be found");
    }

    /// <summary>The browser, which only some tests need: without it they fail by themselves, so that a failure to get it is told and is not an error.</summary>
    public static async Task TryEnsureBrowserAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EnsureAsync(Browser, cancellationToken);
        }
        catch (MeshException e)
        {
            Console.WriteLine($"No browser could be installed, and tests that need one will fail: {e.Message}");
        }
    }

    /// <summary>What checks expressions and profiles, each by itself: without it one test says that it was not done.</summary>
    public static async Task TryEnsureManifestsAsync(CancellationToken cancellationToken)
    {
        foreach (var needed in Manifests)
        {
            try
            {
                await EnsureAsync([needed], cancellationToken);
            }
            catch (MeshException e)
            {
                Console.WriteLine($"No {needed.Name} could be installed, and what needs it is not checked ({needed.Why}): {e.Message}");
            }
        }
    }

    /// <summary>The judge's boxes, without which the mesh runs and judges nothing: that they cannot be had is told and is no error.</summary>
    public static async Task TryEnsureJudgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EnsureAsync(Judge, cancellationToken);
        }
        catch (MeshException e)
        {
            Console.WriteLine($"The mesh runs without a judge, and submissions stay queued: {e.Message}");
        }
    }

    /// <summary>
    /// The mesh runs the servers itself, on its own ports: the system's own copies are not to be started by installing them. Debian's invoke-rc.d, also
    /// under systemd, asks this program first, and 101 is its "no". One that is there already is left as it is.
    /// </summary>
    /// <returns>True when it was placed and is to be removed.</returns>
    private static async Task<bool> ForbidStartsAsync(string[] prefix, CancellationToken cancellationToken)
    {
        if (File.Exists(_policy))
            return false;
        string[] install = [.. prefix, "install", "-m", "755", "/dev/stdin", _policy];
        using var process = Tool.Start(install[0], install[1..], redirectInput: true);
        await process.StandardInput.WriteAsync("#!/bin/sh\nexit 101\n");
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0;
    }

    private static string? InSystem(string program) => _systemPrograms.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>A program of PostgreSQL's, of the version that servers run.</summary>
    public static string? FindPostgresProgram(string name) => PostgresDirectories().Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists) ?? Tool.Find(name);

    private static IEnumerable<string> PostgresDirectories() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin"))
        : [];
}
