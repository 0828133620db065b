using System.Globalization;

namespace TalentSphere.Judge.Sandbox;

/// <summary>How a box is started: a small shell, which is the lane's user already, enters the control groups and sets limits, bubblewrap builds the box.</summary>
internal sealed record BoxPlan
{
    /// <summary>The first descriptor after the standard three: the groups' entrances, which the shell closes; then bubblewrap's, then files.</summary>
    private const int _firstEntrance = 3;
    private const string _asItIs = "-";

    /// <summary>
    /// Nothing from a job is ever part of this text. Its first argument says how many groups there are; one that cannot be entered ends it all. They are entered by
    /// descriptors, because the kernel asks who opened them, and the lane's user could not.
    /// A stack may be larger than usual where the machine allows, unless each process' memory is limited by itself: threads' stacks count there.
    /// </summary>
    private const string _prelude =
        """
        f=3 end=$(($1 + 3)); shift
        while [ "$f" -lt "$end" ]; do
          eval "echo 0 >&$f && exec $f>&-" || exit 1
          f=$((f + 1))
        done
        [ "$4" = - ] && ulimit -s 65536 2>/dev/null
        ulimit -c 0 && ulimit -t "$1" && ulimit -f "$2" && ulimit -n "$3" || exit 1
        [ "$4" = - ] || ulimit -d "$4" || exit 1
        [ "$5" = - ] || ulimit -p "$5" || exit 1
        shift 5
        exec "$@"
        """;

    /// <summary>Of the shell and bubblewrap, whose own are readable inside as process 1's: nothing.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The user, and the group of the same number, that the shell and all after it are; null for this process' own.</summary>
    public required int? User { get; init; }

    public required IReadOnlyList<string> Prelude { get; init; }

    /// <summary>bubblewrap's options in their order, each with its arguments.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Options { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The system call filter, and the files that go in.</summary>
    public required IReadOnlyList<ChildDescriptor> Files { get; init; }

    public IReadOnlyList<string> Arguments => [.. Prelude, .. Options.SelectMany(o => o), "--", .. Command];

    /// <summary>The one way to start a program here.</summary>
    /// <param name="machine">What boxes are made of.</param>
    /// <param name="spec">What is to run.</param>
    /// <param name="group">Where it is measured.</param>
    /// <param name="filter">The system call filter.</param>
    /// <param name="user">The lane's user, when this process may become it.</param>
    public static BoxPlan For(BoxMachine machine, BoxSpec spec, BoxGroup group, SealedFile filter, int? user)
    {
        var restricted = group is ProcessTree;
        var limits = spec.Limits;
        // A backstop for each process alone; the group's time is looked at all the while. Far behind it, for this limit counts ticks: on a loaded machine
        // a process that runs whenever a tick comes is charged with more than it had, and would end by a signal of its own instead of at its limit.
        var cpuSeconds = ((long)Math.Ceiling(limits.Cpu.TotalSeconds) * 2) + 2;
        var data = restricted ? Text(limits.MemoryBytes / 1024) : _asItIs;
        // Counted for each user: of a slot's user all processes are the box's, of ours they are not, and the limit must wait for the box's own user namespace.
        var processes = user is null ? _asItIs : Text(limits.Processes);
        var status = _firstEntrance + group.Entrances.Count;
        var (gate, systemCalls, firstFile) = (status + 1, status + 2, status + 3);
        IReadOnlyList<string> limitInside = user is null ? [machine.SetLimits, "--nproc=" + Text(limits.Processes), "--"] : [];
        return new()
        {
            User = user,
            Prelude =
            [
                "sh", "-c", _prelude, "sh", Text(group.Entrances.Count), Text(cpuSeconds), Text(limits.FileBytes / 512), Text(limits.Descriptors), data, processes, machine.Bubblewrap,
            ],
            Options =
            [
                ["--unshare-all"], ["--unshare-user"], ["--disable-userns"], ["--die-with-parent"], ["--new-session"], ["--clearenv"], ["--cap-drop", "ALL"],
                ["--uid", "65534"], ["--gid", "65534"], ["--hostname", "box"],
                ["--setenv", "PATH", "/usr/bin:/bin"], ["--setenv", "HOME", "/tmp"], ["--setenv", "LANG", "C.UTF-8"],
                .. spec.Environment.Select(e => (IReadOnlyList<string>)["--setenv", e.Key, e.Value]),
                .. machine.Layout,
                .. spec.Toolchains.Select(path => (IReadOnlyList<string>)["--ro-bind", path, path]),
                ["--proc", "/proc"], .. Devices(),
                .. Temporary(restricted),
                ["--dir", "/w"],
                .. spec.Files.Select((file, i) => (IReadOnlyList<string>)["--perms", "0555", "--file", Text(firstFile + i), file.Path]),
                ["--chdir", "/w"], ["--remount-ro", "/"],
                ["--seccomp", Text(systemCalls)], ["--json-status-fd", Text(status)], ["--block-fd", Text(gate)],
            ],
            Command = [.. limitInside, .. spec.Command],
            Files = [new(filter.Descriptor, Reopen: true), .. spec.Files.Select(f => new ChildDescriptor(f.Content.Descriptor, Reopen: true))],
        };
    }

    /// <summary>Those that programs have a use for: no terminals, and no mount for one that is the same as another (random(4)).</summary>
    private static IEnumerable<IReadOnlyList<string>> Devices() =>
    [
        ["--perms", "0755", "--tmpfs", "/dev"],
        .. ((string[])["/dev/null", "/dev/zero", "/dev/urandom"]).Select(device => (IReadOnlyList<string>)["--dev-bind", device, device]),
        ["--symlink", "urandom", "/dev/random"], ["--symlink", "/proc/self/fd", "/dev/fd"],
        .. ((string[])["stdin", "stdout", "stderr"]).Select((name, i) => (IReadOnlyList<string>)["--symlink", "/proc/self/fd/" + Text(i), "/dev/" + name]),
    ];

    /// <summary>Memory that is written as files counts where groups count memory; elsewhere there is none to be written.</summary>
    private static IEnumerable<IReadOnlyList<string>> Temporary(bool restricted) => restricted
        ? [["--tmpfs", "/dev/shm"], ["--remount-ro", "/dev/shm"], ["--remount-ro", "/dev"], ["--tmpfs", "/tmp"], ["--remount-ro", "/tmp"]]
        : [["--size", "16777216", "--tmpfs", "/dev/shm"], ["--remount-ro", "/dev"], ["--size", "67108864", "--tmpfs", "/tmp"]];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
