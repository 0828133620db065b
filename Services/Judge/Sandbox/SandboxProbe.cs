using System.Text;
using System.Text.RegularExpressions;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// Tries the sandbox with small programs that look around in it and misbehave, before anybody's program is let in. What it checks is what programs see, not what
/// was asked for.
/// </summary>
internal static partial class SandboxProbe
{
    private const string _seccomp = "seccomp";
    private const string _environment = "environment";
    private const string _network = "network";
    private const string _readOnly = "read-only";
    private const string _mounts = "mounts";
    private const string _privileges = "privileges";
    private const string _descriptors = "descriptors";
    private const string _limits = "limits";

    /// <summary>What each canary watches, as readiness names it.</summary>
    public static IReadOnlyList<string> Canaries { get; } = [_seccomp, _environment, _network, _readOnly, _mounts, _privileges, _descriptors, _limits];

    private static readonly BoxLimits _small = new()
    {
        Cpu = TimeSpan.FromSeconds(1),
        Wall = TimeSpan.FromSeconds(5),
        MemoryBytes = 64 << 20,
        OutputBytes = 256 * 1024,
        Processes = 32,
    };

    /// <summary>Everything that is not as it must be; empty when this machine may judge.</summary>
    public static async Task<IReadOnlyList<Trouble>> RunAsync(Slots slots, CancellationToken cancellationToken)
    {
        await using var lease = slots.TryTake() ?? throw new InvalidOperationException("The probe comes first.");
        var troubles = new List<Trouble>();
        try
        {
            if (await LookAroundAsync(slots, lease, troubles, cancellationToken))
                await MisbehaveAsync(slots, lease, troubles, cancellationToken);
        }
        catch (SandboxException e)
        {
            troubles.Add(new("namespaces", e.Message));
        }
        return troubles;
    }

    /// <summary>One look at everything, in sections with a heading each.</summary>
    private const string _look =
        """
        section() { echo "== $1"; }
        section status; cat /proc/self/status
        section uid_map; cat /proc/self/uid_map
        section environ; cat /proc/*/environ | tr '\0' '\n'
        section net; cat /proc/net/dev
        section netns; readlink /proc/self/ns/net
        section mounts; cat /proc/self/mountinfo
        section root; ls -A /
        section etc; ls -A /etc
        section fds; ls -l /proc/1/fd /proc/$$/fd
        section processes; cat /proc/[0-9]*/comm
        section written
        for f in /x /usr/x /etc/x /dev/x /w/x /proc/x; do (: >"$f") 2>/dev/null && echo "$f"; done
        section ipc; ipcmk -M 4096
        section done
        """;

    /// <returns>False when there is no box to look around in.</returns>
    private static async Task<bool> LookAroundAsync(Slots slots, Slots.Lease lease, List<Trouble> troubles, CancellationToken cancellationToken)
    {
        var outcome = await lease.RunAsync(Shell(_look, _small), next: null, cancellationToken);
        var seen = Sections(Encoding.UTF8.GetString(outcome.Output.Span));
        if (!seen.ContainsKey("done"))
        {
            troubles.Add(new("namespaces", "no box can be made: " + Words(outcome)));
            return false;
        }
        void Expect(bool holds, string part, string what)
        {
            if (!holds)
                troubles.Add(new(part, what));
        }
        string Status(string key) => seen["status"].Find(l => l.StartsWith(key + ":", StringComparison.Ordinal))?[(key.Length + 1)..].Trim() ?? "";

        Expect(Status("Seccomp") == "2" && seen["ipc"].Count == 0, _seccomp, "system calls are not filtered");
        Expect(
            seen["environ"].TrueForAll(l => l.Length == 0 || Array.Exists(["PATH=", "HOME=", "LANG=", "PWD="], v => l.StartsWith(v, StringComparison.Ordinal))),
            _environment, "variables of this process are seen inside");
        Expect(seen["net"].Skip(2).All(l => l.TrimStart().StartsWith("lo:", StringComparison.Ordinal)) && seen["netns"] is [var inside] && inside != OwnNetwork(), _network, "a network is seen inside");
        Expect(seen["written"].Count == 0, _readOnly, "these can be written: " + string.Join(' ', seen["written"]));
        var (unexpected, writable) = JudgeMounts(seen["mounts"]);
        Expect(unexpected.Count == 0, _mounts, "these folders are seen inside: " + string.Join(' ', unexpected));
        Expect(writable.Count == 0, _readOnly, "these are mounted for writing: " + string.Join(' ', writable));
        Expect(
            seen["root"].Except(["bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr", "w"]).FirstOrDefault() is null
                && seen["etc"].Except(["alternatives", "ld.so.cache"]).FirstOrDefault() is null,
            _mounts, "more than programs and libraries is seen inside");
        Expect(
            Status("NoNewPrivs") == "1" && Array.TrueForAll(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], c => Status(c).Trim('0').Length == 0)
                && Status("Uid") == "65534\t65534\t65534\t65534",
            _privileges, "programs keep privileges");
        Expect(IsOfASlotsUser(slots, seen["mounts"]), _privileges, "boxes run as a user that is none of the slots'");
        Expect(
            seen["processes"].TrueForAll(p => p is "bwrap" or "prlimit" or "sh" or "cat" or "ls" or "tr" or "readlink" or "ipcmk") && seen["processes"].Count <= 4,
            _privileges, "processes of the machine are seen inside");
        // bubblewrap's own process 1 hears through an event that its program has ended.
        var foreign = seen["fds"].FindAll(l => Descriptor().Match(l) is { Success: true } open && open.Groups["number"].Value is not ("0" or "1" or "2")
            && open.Groups["target"].Value is not "anon_inode:[eventfd]");
        Expect(foreign.Count == 0, _descriptors, "these descriptors are open inside: " + string.Join(", ", foreign));
        return true;
    }

    /// <summary>Limits that bite. Where a control group does not hold, others stand in for it.</summary>
    private static async Task MisbehaveAsync(Slots slots, Slots.Lease lease, List<Trouble> troubles, CancellationToken cancellationToken)
    {
        async Task Expect(string what, string program, BoxLimits limits, Func<BoxOutcome, bool> holds)
        {
            var outcome = await lease.RunAsync(Shell(program, limits), next: null, cancellationToken);
            if (!holds(outcome))
                troubles.Add(new(_limits, $"{what} is not limited ({Words(outcome)})"));
        }
        var tight = _small with { MemoryBytes = 16 << 20 };
        await Expect("memory", "tail -c 256M /dev/zero | tail -c 256M | tail >/dev/null; tail /dev/zero", tight, o => slots.HasGroups ? o.OutOfMemory : o.ExitCode is not 0);
        await Expect("processor time", "while :; do :; done", _small with { Cpu = TimeSpan.FromMilliseconds(50) }, o => o is { Breach: Breach.Cpu, Cpu.TotalMilliseconds: < 500 });
        await Expect("wall time", "sleep 9", _small with { Wall = TimeSpan.FromMilliseconds(50) }, o => o.Breach == Breach.Wall);
        await Expect("output", "cat /dev/zero", _small, o => o.Breach == Breach.Output && o.Output.Length == _small.OutputBytes);
        await Expect("the number of processes", "for i in 1 2 3 4 5 6 7 8 9; do sleep 9 & done; echo all", _small with { Processes = 8 }, o => !Encoding.UTF8.GetString(o.Output.Span).Contains("all", StringComparison.Ordinal));
        // Who ends first must not leave others behind: the sandbox itself throws when something is left.
        await Expect("who stays behind", "setsid sleep 9 & :", _small, o => o is { ExitCode: 0, Wall.TotalSeconds: < 5 });
    }

    private static BoxSpec Shell(string program, BoxLimits limits) => new() { Command = ["/bin/sh", "-c", program], Limits = limits };

    /// <summary>Mounts beyond those that were asked for, and of those that must not be written the ones that can be.</summary>
    private static (List<string> Unexpected, List<string> Writable) JudgeMounts(List<string> mountInfo)
    {
        string[] readOnly = ["/", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/ld.so.cache", "/dev"];
        string[] others = ["/proc", "/tmp", "/dev/shm", "/dev/pts", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console"];
        var mounts = mountInfo.ConvertAll(l => l.Split(' ')).FindAll(f => f.Length > 5);
        return (
            [.. mounts.Select(f => f[4]).Except([.. readOnly, .. others])],
            [.. mounts.Where(f => readOnly.Contains(f[4]) && !f[5].Split(',').Contains("ro")).Select(f => f[4])]);
    }

    /// <summary>The owner of the box's own tmpfs is told in terms of the machine.</summary>
    private static bool IsOfASlotsUser(Slots slots, List<string> mountInfo)
    {
        const string key = "uid=";
        var options = mountInfo.Find(l => l.Split(' ') is [_, _, _, _, "/", ..])?.Split(' ')[^1].Split(',') ?? [];
        var owner = Array.Find(options, o => o.StartsWith(key, StringComparison.Ordinal));
        return !Environment.IsPrivilegedProcess || (owner is not null && int.TryParse(owner.AsSpan(key.Length), out var user) && slots.Users.Contains(user));
    }

    [GeneratedRegex(@" (?<number>\d+) -> (?<target>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Descriptor();

    private static string OwnNetwork() => new FileInfo("/proc/self/ns/net").LinkTarget ?? "";

    private static Dictionary<string, List<string>> Sections(string text)
    {
        const string heading = "== ";
        var sections = new Dictionary<string, List<string>>();
        List<string>? current = null;
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(heading, StringComparison.Ordinal))
                sections[line[heading.Length..]] = current = [];
            else if (line.Length > 0)
                current?.Add(line);
        }
        return sections;
    }

    private static string Words(BoxOutcome outcome)
    {
        var said = Encoding.UTF8.GetString(outcome.Errors.Span).Trim();
        return $"exit {outcome.ExitCode?.ToString() ?? "none"}, {outcome.Breach}{(said.Length > 0 ? ", " + said[..Math.Min(200, said.Length)] : "")}";
    }
}
