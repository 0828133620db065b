using System.Net;
using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>The judge's system call profile, tried with the judge itself and with the kernel.</summary>
public sealed class SeccompTests
{
    private const string _file = "talentsphere-boxes.json";
    private const int _notPermitted = 1;
    private const int _notImplemented = 38;

    /// <summary>EREMCHG, which no call of these answers by itself: what answers it was refused by the filter, and by nobody behind it.</summary>
    private const int _marker = 78;

    private static readonly Dictionary<string, string> _sums = new()
    {
        ["python"] = "a, b = map(int, input().split())\nprint(a + b)\n",
        ["javascript"] = "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number);\nconsole.log(a + b);\n",
        ["c"] = "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n",
        ["cpp"] = "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n",
        ["java"] = "public class Main { public static void main(String[] x) { var s = new java.util.Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }\n",
        ["csharp"] = "var n = System.Console.ReadLine()!.Split(' ');\nSystem.Console.WriteLine(int.Parse(n[0]) + int.Parse(n[1]));\n",
    };

    /// <summary>What the runtimes' default profiles keep for those with a capability, what they name nowhere, and what reads or reaches other processes.</summary>
    private static readonly string[] _privileged =
    [
        "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime", "delete_module", "fanotify_init", "fanotify_mark", "finit_module", "fsconfig", "fsmount",
        "fsopen", "fspick", "get_mempolicy", "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load",
        "keyctl", "lookup_dcookie", "mbind", "memfd_secret", "migrate_pages", "modify_ldt", "mount", "mount_setattr", "move_mount", "move_pages", "mq_open", "msgget",
        "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace",
        "quotactl", "quotactl_fd", "reboot", "request_key", "semget", "set_mempolicy", "setdomainname", "sethostname", "setns", "settimeofday", "shmget", "swapoff", "swapon",
        "sysfs", "syslog", "umount2", "unshare", "userfaultfd", "uselib", "ustat", "vhangup", "vmsplice",
    ];

    public static TheoryData<string> WhatBoxesTake { get; } = ["mount", "pivot_root", "sethostname", "umount2", "unshare", "clone"];

    [Fact]
    public async Task Under_it_the_judge_judges_every_language_of_this_machine()
    {
        await using var pod = await JudgePod.StartAsync(SeccompProfile.Of(_file));
        var worker = await pod.TriedAsync();
        worker.Text("mayJudge").ShouldBe("true", pod.Output);
        await Eventually.SeesAsync(pod.ReadyAsync, s => s == HttpStatusCode.OK, "the judge to be ready", TimeSpan.FromSeconds(60));

        var languages = worker.List("languages").Where(l => l.Text("available") == "true").Select(l => l.Text("id")!).ToList();
        languages.ShouldContain("python");
        languages.ShouldContain("csharp");
        foreach (var language in languages)
        {
            var events = await pod.JudgeAsync(language, _sums[language]);
            JsonNode.Parse(events.TrimEnd('\n').Split('\n')[^1])!.Text("verdict").ShouldBe("accepted", $"{language}: {events}\n{pod.Output}");
        }
    }

    [Theory]
    [MemberData(nameof(WhatBoxesTake))]
    public async Task Without_one_of_the_calls_that_make_a_box_the_judge_refuses(string call)
    {
        var whole = SeccompProfile.Of(_file);
        await using var pod = await JudgePod.StartAsync(call == "clone" ? whole.Without(MakesNamespaces) : whole.Without(call));
        var worker = await pod.TriedAsync();

        worker.Text("mayJudge").ShouldBe("false", pod.Output);
        worker.Text("reason")!.ShouldContain("namespaces");
        (await pod.ReadyAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public void Of_what_takes_privileges_it_allows_what_makes_a_box_and_nothing_else() =>
        SeccompProfile.Of(_file).Allowed.Intersect(_privileged).Append("clone").ShouldBe(WhatBoxesTake.Select(d => d.Data), ignoreOrder: true);

    [Fact]
    public void What_it_does_not_name_the_kernel_refuses()
    {
        var profile = SeccompProfile.Of(_file);
        string[] refused = [.. _privileged.Except(profile.Allowed)];
        // Arguments that would do no harm if a call came through.
        (int, long[])[] calls = [.. refused.Select(c => (SeccompProfile.NumberOf(c), new[] { -1L, -1, -1, -1, -1, -1 }))];

        refused.Zip(FilteredThread.Call(profile.Assemble(), calls)).Where(c => c.Second != -_notPermitted).ShouldBeEmpty();
        refused.Zip(FilteredThread.Call(profile.Refusing(_marker).Assemble(), calls)).Where(c => c.Second != -_marker).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_call_may_ask_for_is_narrow()
    {
        const int everyNamespace = 0x7e020000, user = 0x10000000, network = 0x40000000, mounts = 0x00020000, detach = 2, force = 1;
        // A thread that shares no signal handlers: whatever else is asked for, the kernel makes no such thing.
        const int impossible = 0x00010000;
        const int unix = 1, inet = 2, inet6 = 10, netlink = 16, packet = 17, algorithms = 38, virtualMachine = 40, raw = 3;
        (string Call, long[] Arguments, bool Allowed)[] asked =
        [
            ("clone", [everyNamespace | impossible], true),
            ("clone", [impossible], true),
            ("clone", [user | impossible], false),
            ("clone", [network | impossible], false),
            ("clone", [(everyNamespace & ~mounts) | impossible], false),
            ("unshare", [mounts], false),
            ("unshare", [user | network], false),
            ("unshare", [0], false),
            ("umount2", [0, detach], true),
            ("umount2", [0, 0], false),
            ("umount2", [0, detach | force], false),
            ("personality", [0xffffffff], true),
            ("personality", [0x0040000], false),
            ("socket", [unix, -1], true),
            ("socket", [inet, -1], true),
            ("socket", [inet6, -1], true),
            ("socket", [netlink, -1], true),
            ("socket", [packet, raw], false),
            ("socket", [algorithms, raw], false),
            ("socket", [virtualMachine, raw], false),
        ];

        var answers = FilteredThread.Call(
            SeccompProfile.Of(_file).Refusing(_marker).Assemble(), [.. asked.Select(a => (SeccompProfile.NumberOf(a.Call), a.Arguments))]);
        asked.Zip(answers).Where(a => a.First.Allowed == (a.Second == -_marker)).Select(a => $"{a.First.Call} {string.Join(' ', a.First.Arguments)}: {a.Second}").ShouldBeEmpty();
    }

    [Fact]
    public void Who_asks_for_clone3_is_told_that_there_is_none_and_takes_clone() =>
        FilteredThread.Call(SeccompProfile.Of(_file).Assemble(), [(SeccompProfile.NumberOf("clone3"), [])]).ShouldBe([-_notImplemented]);

    private static bool MakesNamespaces(JsonNode rule) => rule.Texts("names").Contains("clone") && rule.List("args").Any(a => a.Text("valueTwo") is not (null or "0"));
}
