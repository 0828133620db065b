namespace TalentSphere.Judge.Tests;

/// <summary>A program that means harm.</summary>
/// <param name="Language">Its language.</param>
/// <param name="Source">Its text; DECOYPORT and DECOYNAME stand for what listens on the machine.</param>
/// <param name="Verdicts">What it may get.</param>
internal sealed record Attack(string Language, string Source, params string[] Verdicts)
{
    public string? Detail { get; init; }

    public IReadOnlyList<(string Input, string Expected)> Tests { get; init; } = [("", "safe")];

    public int CpuMs { get; init; } = 150;

    public int MemoryMb { get; init; } = 64;

    public double Factor => Language switch
    {
        "python" => 3,
        "c" or "cpp" => 1,
        _ => 1.5,
    };
}

/// <summary>All of them. Those that are to be accepted find out themselves whether they got through, and print "safe" when they did not.</summary>
internal static class Attacks
{
    private const string _time = "time-limit";
    private const string _memory = "memory-limit";
    private const string _output = "output-limit";
    private const string _error = "runtime-error";
    private const string _accepted = "accepted";
    private const string _wrong = "wrong-answer";
    private const string _compile = "compile-error";

    public static IReadOnlyDictionary<string, Attack> All { get; } = new Dictionary<string, Attack>
    {
        ["fork bomb"] = new("python", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", _time) { Detail = "cpu" },
        ["thread bomb"] = new(
            "python",
            """
            import os, threading, time
            count = 0
            try:
                while count < 5000:
                    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                    count += 1
            except RuntimeError:
                print("safe" if count < 100 else count, flush=True)
            os._exit(0)
            """,
            _accepted),
        ["Java thread bomb"] = new(
            "java",
            """
            public class Main {
                public static void main(String[] args) {
                    try {
                        for (int i = 0; i < 5000; i++) {
                            Thread t = new Thread(() -> { try { Thread.sleep(60000); } catch (InterruptedException e) { throw new RuntimeException(e); } });
                            t.setDaemon(true);
                            t.start();
                        }
                        System.out.println("all");
                    } catch (OutOfMemoryError e) {
                        System.out.println("safe");
                    }
                    Runtime.getRuntime().halt(0);
                }
            }
            """,
            _accepted)
        { CpuMs = 2000 },
        ["memory bomb"] = new("python", "hoard = []\nwhile True: hoard.append(bytearray(1 << 20))", _memory),
        ["memory bomb by children"] = new(
            "python",
            """
            import os, time
            for _ in range(8):
                if os.fork() == 0:
                    block = bytearray(24 << 20)
                    time.sleep(5)
                    os._exit(0)
            time.sleep(5)
            """,
            _memory),
        ["memory bomb that shrugs off its child's death"] = new(
            "python",
            """
            import os
            if os.fork() == 0:
                block = bytearray(200 << 20)
                os._exit(0)
            os.wait()
            print("safe")
            """,
            _memory),
        ["shared memory bomb"] = new(
            "python", "import mmap\nm = mmap.mmap(-1, 256 << 20)\nfor i in range(0, 256 << 20, 4096): m[i] = 1\nprint('safe')", _memory)
        { CpuMs = 1000 },
        ["memory file bomb"] = new("python", "import os\nfor _ in range(20): os.write(os.memfd_create('x'), bytes(15 << 20))\nprint('safe')", _memory),
        ["files in memory"] = new(
            "python",
            """
            full = 0
            for place in ("/tmp/", "/dev/shm/"):
                try:
                    for i in range(100): open(place + str(i), "wb").write(bytes(4 << 20))
                except OSError: full += 1
            print("safe" if full == 2 else full)
            """,
            _accepted)
        { MemoryMb = 128, CpuMs = 500 },
        ["inode bomb"] = new("python", "for i in range(10 ** 7): open('/tmp/' + str(i), 'w').close()", _time, _memory, _error),
        ["pipe buffers"] = new(
            "python",
            """
            import os, fcntl
            held = 0
            try:
                while True:
                    r, w = os.pipe()
                    os.set_blocking(w, False)
                    try:
                        while True: held += os.write(w, bytes(65536))
                    except BlockingIOError: pass
            except OSError: print("safe" if held < 64 << 20 else held)
            """,
            _accepted),
        ["Node memory bomb"] = new("javascript", "const hoard = []; while (true) hoard.push(new Array(100000).fill(hoard.length));", _memory) { CpuMs = 3000 },
        ["C# memory bomb"] = new(
            "csharp", "var hoard = new System.Collections.Generic.List<byte[]>(); while (true) { var b = new byte[1 << 20]; b.AsSpan().Fill(1); hoard.Add(b); }", _memory)
        { CpuMs = 3000 },
        ["Java memory bomb"] = new(
            "java", "import java.util.*; public class Main { public static void main(String[] a) { List<long[]> l = new ArrayList<>(); while (true) l.add(new long[100000]); } }", _memory)
        { CpuMs = 3000 },
        ["output flood"] = new("python", "import os\nwhile True: os.write(1, b'A' * 65536)", _output),
        ["error flood"] = new("python", "import os\nwhile True: os.write(2, b'A' * 65536)", _output),
        ["output up to the limit"] = new("python", "import os\nos.write(1, b' ' * (256 * 1024 - 4)); os.write(1, b'safe')", _accepted),
        ["output one byte over the limit"] = new("python", "import os\nos.write(1, b' ' * (256 * 1024 - 3)); os.write(1, b'safe')", _output),
        ["a huge file"] = new(
            "c", "#include <stdio.h>\nstatic char b[1 << 20];\nint main(void) { FILE *f = fopen(\"/tmp/x\", \"w\"); while (f) fwrite(b, 1, sizeof b, f); }", _output)
        { Detail = "file", MemoryMb = 128 },
        ["endless loop"] = new("c", "int main(void) { for (volatile int i = 0;; i++) ; }", _time) { Detail = "cpu" },
        ["endless loop that ignores signals"] = new(
            "python",
            """
            import signal
            for s in range(1, 65):
                try: signal.signal(s, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True: pass
            """,
            _time)
        { Detail = "cpu" },
        ["processor time through children"] = new(
            "python",
            """
            import os, time
            while True:
                child = os.fork()
                if child == 0:
                    while time.process_time() < 0.1: pass
                    os._exit(0)
                os.waitpid(child, 0)
            """,
            _time)
        { Detail = "cpu" },
        ["processor time by many at once"] = new("python", "import os\nfor _ in range(3): os.fork()\nwhile True: pass", _time) { Detail = "cpu" },
        ["a chain of children, each outliving its parent"] = new(
            "python",
            """
            import os, time
            while True:
                if os.fork(): os._exit(0)
                until = time.process_time() + 0.05
                while time.process_time() < until: pass
            """,
            _wrong),
        ["endless sleep"] = new("python", "import time\ntime.sleep(600)", _time) { Detail = "wall" },
        ["stopping oneself"] = new("python", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", _time) { Detail = "wall" },
        ["daemon"] = new(
            "python",
            """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.closerange(0, 64)
                    time.sleep(600)
                os._exit(0)
            os.wait()
            print("safe")
            """,
            _accepted),
        ["daemon that holds the output"] = new("python", "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nprint('safe', flush=True)\nos._exit(0)", _accepted),
        ["a child of one test in the next"] = new(
            "python",
            """
            import os, time
            left = os.path.exists("/tmp/left") or os.path.exists("/dev/shm/left") or len([p for p in os.listdir("/proc") if p.isdigit()]) > 3
            open("/tmp/left", "w").close()
            open("/dev/shm/left", "w").close()
            if os.fork() == 0:
                os.setsid()
                while True:
                    time.sleep(0.01)
                    os.write(1, b"x")
            print("left" if left else "safe", flush=True)
            os._exit(0)
            """,
            _accepted, _wrong)
        { Tests = [("", "safe"), ("", "safe"), ("", "safe")] },
        ["input that nobody reads"] = new("python", "print('safe')", _accepted) { Tests = [(new string('x', 4 << 20), "safe")] },
        ["waiting for more input"] = new("python", "import sys\nsys.stdin.read()\nprint('safe' if sys.stdin.read() == '' else 'more')", _accepted) { Tests = [("some", "safe")] },
        ["sockets of every family"] = new(
            "python",
            """
            import socket
            opened = []
            def attempt(name, action):
                try:
                    action()
                    opened.append(name)
                except OSError: pass
            def connect(family, address):
                s = socket.socket(family)
                s.settimeout(1)
                s.connect(address)
            attempt("loopback", lambda: connect(socket.AF_INET, ("127.0.0.1", DECOYPORT)))
            attempt("loopback6", lambda: connect(socket.AF_INET6, ("::1", DECOYPORT)))
            attempt("outside", lambda: connect(socket.AF_INET, ("192.0.2.1", 53)))
            attempt("abstract", lambda: connect(socket.AF_UNIX, "\0DECOYNAME"))
            for family in range(2, 46): attempt(family, lambda: socket.socket(family, socket.SOCK_STREAM))
            for family in range(2, 46): attempt(family, lambda: socket.socket(family, socket.SOCK_RAW))
            for family in range(2, 46): attempt(family, lambda: socket.socketpair(family))
            print(opened or "safe")
            """,
            _accepted),
        ["the machine's files"] = new(
            "python",
            """
            import os
            seen = [p for p in ("/etc/shadow", "/etc/passwd", "/root", "/home", "/srv", "/run", "/var", "/sys", "/boot", "/opt", "/mnt", "/media", "/.dockerenv") if os.path.exists(p)]
            for p in ("/proc/kcore", "/proc/1/root", "/proc/1/cwd", "/proc/1/mem", "/proc/1/root/etc/shadow", "/proc/sysrq-trigger", "/proc/keys"):
                try:
                    if os.path.isdir(p):
                        if os.listdir(p): seen.append(p)
                    elif open(p, "rb").read(1): seen.append(p)
                except OSError: pass
            # In a box's own namespace there are no keys to be listed; the namespace's first process may show the box's own root.
            print([p for p in seen if p not in ("/proc/keys", "/proc/1/root", "/proc/1/cwd")] or "safe")
            """,
            _accepted),
        ["the worker's environment"] = new(
            "python",
            """
            import glob, os
            found = {}
            for place in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline") + glob.glob("/proc/*/task/*/environ"):
                try: found[place] = open(place, "rb").read()
                except OSError: pass
            text = b"".join(found.values())
            names = sorted(set(os.environ) - {"PATH", "HOME", "LANG", "PWD", "LC_CTYPE"})
            print("safe" if not names and b"JUDGE" not in text and b"a-key" not in text else (names, found))
            """,
            _accepted),
        ["inherited descriptors"] = new(
            "python",
            """
            import os
            opened = []
            for f in range(3, 4096):
                try: opened.append((f, os.readlink("/proc/self/fd/%d" % f)))
                except OSError: pass
            for f in range(3, 64):
                try: os.write(f, b'{"exit-code": 0}\n'); opened.append(f)
                except OSError: pass
            print(opened or "safe")
            """,
            _accepted),
        ["forging the exit code"] = new("python", "import os\nfor f in range(3, 64):\n    try: os.write(f, b'{\"exit-code\": 0}')\n    except OSError: pass\nprint('safe', flush=True)\nos._exit(3)", _error)
        { Detail = "exit 3" },
        ["writing where nothing may be written"] = new(
            "python",
            """
            import os
            written = []
            for p in ("/x", "/usr/x", "/usr/bin/x", "/etc/x", "/dev/x", "/w/x", "/w/main.py", "/lib/x", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj", "/sys/x"):
                try:
                    f = os.open(p, os.O_WRONLY | os.O_CREAT)
                    os.write(f, b"-1000")
                    written.append(p)
                except OSError: pass
            for p in ("/w/main.py", "/usr/bin/python3", "/dev/null"):
                try:
                    os.remove(p)
                    written.append("removed " + p)
                except OSError: pass
            print(written or "safe")
            """,
            _accepted),
        ["links as results"] = new(
            "python",
            """
            import os
            for name in ("out", "result", "status.json", "output.txt", "main.py"):
                os.symlink("/etc/shadow", "/tmp/" + name)
            os.mkfifo("/tmp/fifo")
            try: os.link("/usr/bin/python3", "/tmp/python3"); print("linked")
            except OSError: pass
            try: os.mknod("/tmp/disk", 0o60666, os.makedev(254, 0)); print("made")
            except OSError: print("safe")
            """,
            _accepted),
        ["forbidden system calls"] = new(
            "python",
            """
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            calls = dict(ptrace=(101, 0, 0, 0, 0), process_vm_readv=(310, 1, 0, 0, 0, 0, 0), process_vm_writev=(311, 1, 0, 0, 0, 0, 0), unshare_user=(272, 0x10000000),
                unshare_net=(272, 0x40000000), unshare_mount=(272, 0x20000), mount=(165, b"none", b"/tmp", b"tmpfs", 0, 0), umount=(166, b"/tmp", 0), pivot_root=(155, b"/tmp", b"/tmp"),
                chroot=(161, b"/tmp"), setns=(308, 0, 0), bpf=(321, 0, 0, 0), keyctl=(250, 0, -3, 1), add_key=(248, b"user", b"a", b"b", 1, -3), request_key=(249, b"user", b"a", 0, 0),
                io_uring=(425, 1, 0), perf=(298, 0, 0, -1, -1, 0), clone_user=(56, 0x10000011, 0, 0, 0, 0), clone_net=(56, 0x40000011, 0, 0, 0, 0), userfaultfd=(323, 0), shmget=(29, 0, 4096, 0o1600),
                semget=(64, 0, 1, 0o1600), msgget=(68, 0, 0o1600), mq_open=(240, b"x", 0o102, 0o600, 0), reboot=(169, 0xfee1dead, 672274793, 0, 0), init_module=(175, 0, 0, b""), kexec=(246, 0, 0, 0, 0),
                swapon=(167, b"/tmp", 0), settime=(227, 0, 0), sethostname=(170, b"x", 1), iopl=(172, 3), syslog=(103, 3, 0, 0), open_by_handle=(304, 0, 0, 0), fanotify=(300, 0, 0),
                personality=(135, 0x0040000), memfd_secret=(447, 0), kcmp=(312, 1, 1, 0, 0, 0), pidfd_getfd=(438, 0, 0, 0), fsopen=(430, b"tmpfs", 0), open_tree=(428, -100, b"/", 1), vmsplice=(278, 1, 0, 0, 0))
            wrong = {}
            for name, arguments in calls.items():
                ctypes.set_errno(0)
                answer = libc.syscall(*arguments)
                if answer != -1 or ctypes.get_errno() != 1: wrong[name] = (answer, ctypes.get_errno())
            ctypes.set_errno(0)
            if libc.syscall(435, 0, 0) != -1 or ctypes.get_errno() != 38: wrong["clone3"] = ctypes.get_errno()
            print(wrong or "safe")
            """,
            _accepted)
        { CpuMs = 500 },
        ["x32 system call"] = new("python", "import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 39)\nprint('safe')", _error) { Detail = "signal 31", CpuMs = 500 },
        ["system call of another architecture"] = new(
            "c", "int main(void) { int r; __asm__ volatile(\"int $0x80\" : \"=a\"(r) : \"a\"(20)); return 0; }", _error)
        // Killed by the filter; where the kernel does not have that entrance at all, by the processor.
        { Detail = "signal 31|signal 11" },
        ["typing into the terminal"] = new(
            "python",
            """
            import fcntl, os
            got = []
            for f in (0, 1, 2):
                for request in (0x5412, 0x541c):
                    try: fcntl.ioctl(f, request, b"x"); got.append((f, request))
                    except OSError as e:
                        if e.errno != 1: got.append((f, request, e.errno))
            try: os.open("/dev/tty", os.O_RDWR); got.append("tty")
            except OSError: pass
            print(got or "safe")
            """,
            _accepted),
        ["killing everybody"] = new(
            "python",
            """
            import os
            for p in (1, os.getppid(), -1):
                try: os.kill(p, 9)
                except OSError: pass
            print("safe")
            """,
            _accepted),
        ["raising limits"] = new(
            "python",
            """
            import resource, os
            raised = []
            for name in ("CPU", "FSIZE", "NPROC", "NOFILE", "CORE"):
                limit = getattr(resource, "RLIMIT_" + name)
                try:
                    resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                    raised.append(name)
                except (ValueError, OSError): pass
            try: os.nice(-5); raised.append("nice")
            except OSError: pass
            try: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); raised.append("fifo")
            except OSError: pass
            try: os.setuid(0); raised.append("uid")
            except OSError: pass
            print(raised or "safe")
            """,
            _accepted),
        ["other programs' privileges"] = new(
            "python",
            """
            import os, subprocess
            gained = []
            for command in (["/usr/bin/su", "-c", "id"], ["/usr/bin/mount", "-t", "tmpfs", "none", "/tmp"], ["/usr/bin/unshare", "-Ur", "id"], ["/usr/bin/bwrap", "--bind", "/", "/", "id"], ["/usr/bin/newgrp", "root"]):
                if os.path.exists(command[0]) and subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0: gained.append(command)
            print(gained or "safe")
            """,
            _accepted)
        { CpuMs = 500 },
        ["zombies"] = new(
            "python",
            """
            import os
            count = 0
            try:
                while count < 5000:
                    if os.fork() == 0: os._exit(0)
                    count += 1
            except OSError: pass
            print("safe" if count < 100 else count)
            """,
            _accepted)
        { CpuMs = 500 },
        ["huge arguments"] = new("python", "import os\ntry: os.execv('/usr/bin/true', ['true'] + ['x' * 100000] * 100)\nexcept OSError: print('safe')", _accepted),
        ["exit code of a signal"] = new("python", "import os\nos._exit(137)", _error),
        ["segmentation fault"] = new("c", "int main(void) { *(volatile int *)0 = 1; }", _error) { Detail = "signal 11" },
        ["endless recursion"] = new("c", "int f(int n) { volatile char b[4096]; b[0] = n; return f(n + 1) + b[0]; }\nint main(void) { return f(0); }", _error, _memory) { MemoryMb = 128, CpuMs = 1000 },
        ["abort"] = new("cpp", "#include <cstdlib>\nint main() { std::abort(); }", _error) { Detail = "signal 6" },
        ["uncaught exception"] = new("csharp", "throw new System.InvalidOperationException(\"x\");", _error) { CpuMs = 1000 },
        ["Node child processes"] = new(
            "javascript",
            "const { spawnSync } = require('child_process'); const r = spawnSync('/usr/bin/unshare', ['-Ur', 'id']); console.log(r.status === 0 ? 'out' : 'safe');", _accepted)
        { CpuMs = 1000 },
        ["including randomness"] = new("c", "#include \"/dev/urandom\"\nint main(void) { }", _compile),
        ["including nothing without end"] = new("c", "#include \"/dev/zero\"\nint main(void) { }", _compile),
        ["including secrets"] = new("c", "#include \"/etc/shadow\"\n#include \"/proc/1/environ\"\nint main(void) { }", _compile),
        ["assembling secrets"] = new("c", "__asm__(\".incbin \\\"/etc/shadow\\\"\");\nint main(void) { }", _compile),
        ["a program larger than its text"] = new("c", "char hoard[1ull << 32] = { 1 };\nint main(void) { return hoard[5]; }", _compile),
        ["endless templates"] = new("cpp", "template <int N> struct A { static const int v = A<N + 1>::v + A<N + 2>::v; };\nint main() { return A<0>::v; }", _compile),
        ["macro bomb"] = new(
            "c",
            """
            #define A(x) x x x x x x x x x x
            #define B(x) A(A(A(x)))
            #define C(x) B(B(B(x)))
            int main(void) { C(int a;) }
            """,
            _compile),
        ["a compiler's plugin"] = new("c", "#pragma GCC diagnostic error \"-fplugin=/tmp/x.so\"\n#include </w/../etc/passwd>\nint main(void) { }", _compile),
    };
}
