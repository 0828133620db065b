using System.Globalization;

namespace TalentSphere.Judge.Sandbox;

/// <summary>How a box is started: a small shell enters the control groups, sets limits and becomes the lane's user, bubblewrap builds the box.</summary>
internal sealed record BoxPlan
{
    // The descriptors that bubblewrap is handed after the standard three.
    private const int _status = 3;
    private const int _gate = 4;
    private const int _filter = 5;
    private const int _firstFile = 6;
    private const string _asItIs = "-";

    /// <summary>
    /// Nothing from a job is ever part of this text. Each of these numbers is followed by what it counts; a group that cannot be entered ends it all.
    /// In version 1 of control groups who moves itself alone, as a task, does not wait for the whole machine to take notice.
    /// A stack may be larger than usual where the machine allows, unless each process' memory is limited by itself: threads' stacks count there.
    /// </summary>
    private const string _prelude =
        """
        n=$1; shift
        while [ "$n" -gt 0 ]; do
          f=$1/cgroup.procs; [ -f "$1/tasks" ] && f=$1/tasks
          echo 0 >"$f" || exit 1
          shift; n=$((n - 1))
        done
        [ "$4" = - ] && ulimit -s 65536 2>/dev/null
        ulimit -c 0 && ulimit -t "$1" && ulimit -f "$2" && ulimit -n "$3" || exit 1
        [ "$4" = - ] || ulimit -d "$4" || exit 1
        [ "$5" = - ] || ulimit -p "$5" || exit 1
        user=${6#--reuid=} become=$7
        shift 7
        [ "$user" = - ] || set -- "$become" --setgid "$user" --setuid "$user" -- "$@"
        exec "$@"
        """;

    /// <summary>Of the shell and bubblewrap, whose own are readable inside as process 1's: nothing.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    public required IReadOnlyList<string> Prelude { get; init; }

    /// <summary>bubblewrap's options in their order, each with its arguments.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Options { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What the child finds from <see cref="_filter"/> on.</summary>
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
        var become = "--reuid=" + (user is { } id ? Text(id) : _asItIs);
        IReadOnlyList<string> limitInside = user is null ? [machine.SetLimits, "--nproc=" + Text(limits.Processes), "--"] : [];
        return new()
        {
            Prelude =
            [
                "sh", "-c", _prelude, "sh", Text(group.Directories.Count), .. group.Directories,
                Text(cpuSeconds), Text(limits.FileBytes / 512), Text(limits.Descriptors), data, processes, become, machine.BecomeUser, machine.Bubblewrap,
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
                .. spec.Files.Select((file, i) => (IReadOnlyList<string>)["--perms", "0555", "--file", Text(_firstFile + i), file.Path]),
                ["--chdir", "/w"], ["--remount-ro", "/"],
                ["--seccomp", Text(_filter)], ["--json-status-fd", Text(_status)], ["--block-fd", Text(_gate)],
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
