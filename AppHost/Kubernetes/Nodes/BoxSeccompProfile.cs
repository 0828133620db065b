using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.AppHost.Kubernetes.Nodes;

/// <summary>
/// The system calls of a container that makes boxes for strangers' programs, in the form of the OCI runtime specification (config-linux, Seccomp), which containerd,
/// CRI-O and Docker read. What is not named is refused with EPERM. It is what the runtimes' default profile leaves a container without capabilities, less what reads
/// other processes or shares memory and messages with them (no worker and no toolchain asks for that), plus what bubblewrap makes a box with. Another
/// architecture's calls and x32's are ended by libseccomp.
/// </summary>
internal static class BoxSeccompProfile
{
    private const string _allow = "SCMP_ACT_ALLOW";
    private const string _refuse = "SCMP_ACT_ERRNO";
    private const string _equal = "SCMP_CMP_EQ";
    private const string _maskedEqual = "SCMP_CMP_MASKED_EQ";
    private const int _notPermitted = 1;
    private const int _notImplemented = 38;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private const long _everyNamespace = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
    private const long _userNamespace = 0x10000000;
    private const long _detach = 2;

    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Why, string Calls)[] _groups =
    [
        ("Files and folders.", """
            access cachestat chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown
            fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch
            inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioctl lchown lgetxattr link linkat listxattr llistxattr
            lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink
            readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask
            unlink unlinkat utime utimensat utimes write writev
            """),
        ("Waiting for something to happen.", """
            epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 pipe pipe2 poll ppoll pselect6 select signalfd signalfd4 timerfd_create
            timerfd_gettime timerfd_settime
            """),
        ("Memory of one's own.", """
            brk madvise map_shadow_stack membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free
            pkey_mprotect remap_file_pages
            """),
        ("Processes and threads, and who they are.", """
            arch_prctl capget capset execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv futex_wake get_robust_list getcpu getegid geteuid getgid getgroups
            getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set pidfd_open pidfd_send_signal prctl prlimit64
            process_mrelease restart_syscall rseq sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
            sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield set_robust_list set_tid_address setfsgid setfsuid setgid setgroups
            setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid vfork wait4 waitid
            """),
        ("Giving up more rights.", "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp"),
        ("Signals.", """
            alarm getitimer kill pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo setitimer sigaltstack
            tgkill timer_create timer_delete timer_getoverrun timer_gettime timer_settime tkill
            """),
        ("Time and the machine, to be read.", "clock_getres clock_gettime clock_nanosleep getrandom gettimeofday nanosleep sysinfo time times uname"),
        ("Sockets that are there.", """
            accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt shutdown socketpair
            """),
    ];

    private static readonly Rule[] _conditional =
    [
        new("Sockets of the families Unix, IPv4, IPv6 and netlink, over which a box's loopback is set up.", ["socket"], new(0, 1, _equal)),
        new(null, ["socket"], new(0, 2, _equal)),
        new(null, ["socket"], new(0, 10, _equal)),
        new(null, ["socket"], new(0, 16, _equal)),
        new("The execution domain that Linux programs have, and asking for it.", ["personality"], new(0, 0, _equal)),
        new(null, ["personality"], new(0, uint.MaxValue, _equal)),
        new("Threads and children in the same namespaces.", ["clone"], new(0, _everyNamespace, _maskedEqual, 0)),
        new("Its flags lie in memory, where no filter sees them: C libraries take clone instead.", ["clone3"]) { Action = _refuse, Error = _notImplemented },
    ];

    /// <summary>The kernel lets nobody do any of this but in a user namespace that the caller has made; a program in a box is refused all of it by the box's own filter.</summary>
    private static readonly Rule[] _boxes =
    [
        new("A box: its first process, in new namespaces of every kind at once.", ["clone"], new(0, _everyNamespace, _maskedEqual, _everyNamespace)),
        new("A box: a user namespace in which no further one can be made.", ["unshare"], new(0, _userNamespace, _equal)),
        new("A box: what it sees, under a root of its own.", ["mount", "pivot_root"]),
        new("A box: the machine's files are taken off, and nothing but whole trees at once.", ["umount2"], new(1, _detach, _equal)),
        new("A box: a name of its own.", ["sethostname"]),
    ];

    /// <summary>The profile, with the mark of generated files in its first line: the specification has readers pass over what they do not know.</summary>
    public static string Json()
    {
        var rules = _groups.Select(g => new Rule(g.Why, g.Calls.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))).Concat(_conditional).Concat(_boxes);
        var profile = new JsonObject
        {
            ["comment"] = ManifestFile.Mark,
            ["defaultAction"] = _refuse,
            ["defaultErrnoRet"] = _notPermitted,
            ["architectures"] = new JsonArray("SCMP_ARCH_X86_64"),
            ["syscalls"] = new JsonArray([.. rules.Select(r => r.ToJson())]),
        };
        return string.Concat("{ ", profile.ToJsonString(_readable)["{\n  ".Length..], "\n");
    }

    /// <summary>A condition on an argument.</summary>
    /// <param name="Index">Which one, from 0.</param>
    /// <param name="Value">What it is compared with, or the mask of the bits that count.</param>
    /// <param name="Operator">How.</param>
    /// <param name="Masked">What those bits must be.</param>
    private sealed record Condition(int Index, long Value, string Operator, long? Masked = null)
    {
        public JsonObject ToJson()
        {
            var condition = new JsonObject { ["index"] = Index, ["value"] = Value };
            if (Masked is { } bits)
                condition["valueTwo"] = bits;
            condition["op"] = Operator;
            return condition;
        }
    }

    /// <summary>What becomes of some calls.</summary>
    /// <param name="Why">What for; null where the rule before says so.</param>
    /// <param name="Calls">Their names.</param>
    /// <param name="When">The condition, if there is one.</param>
    private sealed record Rule(string? Why, IReadOnlyList<string> Calls, Condition? When = null)
    {
        public string Action { get; init; } = _allow;

        public int? Error { get; init; }

        public JsonNode ToJson()
        {
            var rule = new JsonObject();
            if (Why is not null)
                rule["comment"] = Why;
            rule["names"] = new JsonArray([.. Calls.Select(c => JsonValue.Create(c))]);
            rule["action"] = Action;
            if (Error is { } error)
                rule["errnoRet"] = error;
            if (When is not null)
                rule["args"] = new JsonArray(When.ToJson());
            return rule;
        }
    }
}
