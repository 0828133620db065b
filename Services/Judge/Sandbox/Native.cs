using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace TalentSphere.Judge.Sandbox;

/// <summary>What the sandbox asks of the kernel and of glibc; nothing of it is in the framework.</summary>
internal static unsafe partial class Native
{
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EPIPE = 32;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollError = 8;
    public const short PollHangUp = 16;

    private const int _writeOnly = 1;
    private const int _closeOnExec = 0x80000;
    private const int _nonBlocking = 0x800;
    private const int _duplicateCloseOnExec = 1030;
    private const int _setStatusFlags = 4;
    private const int _addSeals = 1033;
    private const int _allSeals = 0xf;
    private const uint _memoryFileFlags = 1 | 2;
    private const int _pidfdOpen = 434;
    private const int _setChildSubreaper = 36;
    private const int _setGroups = 116;
    private const int _setUsers = 117;
    private const int _setGroupIds = 119;
    private const int _capget = 125;
    private const int _capset = 126;
    private const int _sigKill = 9;

    /// <summary>Descriptors of ours that a child is handed sit above this one, so that none is overwritten while they are put in their places.</summary>
    private const int _highDescriptors = 64;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>Waits for one of the descriptors; negative ones are passed over. Milliseconds, −1 for ever.</summary>
    public static void Wait(Span<PollEntry> entries, int timeout)
    {
        fixed (PollEntry* first = entries)
        {
            if (poll(first, (ulong)entries.Length, timeout) < 0 && Marshal.GetLastPInvokeError() != EINTR)
                throw Failure("poll");
        }
    }

    /// <summary>A pipe; both ends are closed in every child that is not handed them.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        if (pipe2(ends, _closeOnExec) < 0)
            throw Failure("pipe2");
        return (ends[0], ends[1]);
    }

    /// <summary>Moves a descriptor out of the range that a child's are placed in.</summary>
    public static int MoveHigh(int descriptor)
    {
        var high = fcntl(descriptor, _duplicateCloseOnExec, _highDescriptors);
        var failure = high < 0 ? Failure("fcntl") : null;
        Close(descriptor);
        return failure is null ? high : throw failure;
    }

    public static void MakeNonBlocking(int descriptor)
    {
        if (fcntl(descriptor, _setStatusFlags, _nonBlocking) < 0)
            throw Failure("fcntl");
    }

    /// <summary>A file in memory that nobody can write any more (memfd_create(2), sealed).</summary>
    public static int SealedFile(ReadOnlySpan<byte> content)
    {
        var descriptor = memfd_create("judge", _memoryFileFlags);
        if (descriptor < 0)
            throw Failure("memfd_create");
        descriptor = MoveHigh(descriptor);
        while (content.Length > 0)
        {
            var written = Write(descriptor, content);
            if (written <= 0)
            {
                Close(descriptor);
                throw Failure("write");
            }
            content = content[written..];
        }
        if (fcntl(descriptor, _addSeals, _allSeals) < 0)
            throw Failure("fcntl");
        return descriptor;
    }

    /// <summary>Writes to a file that is there, such as those of control groups, in one piece.</summary>
    /// <returns>False when that was refused.</returns>
    public static bool TryWriteFile(string path, string text)
    {
        var descriptor = open(path, _writeOnly | _closeOnExec, 0);
        if (descriptor < 0)
            return false;
        Span<byte> bytes = stackalloc byte[text.Length];
        Encoding.ASCII.GetBytes(text, bytes);
        bool written;
        fixed (byte* first = bytes)
            written = write(descriptor, first, (nuint)bytes.Length) == bytes.Length;
        var failure = Marshal.GetLastPInvokeError();
        Close(descriptor);
        Marshal.SetLastPInvokeError(failure);
        return written;
    }

    /// <summary>A descriptor of a file that is there; no child inherits it.</summary>
    public static int OpenForWriting(string path)
    {
        var descriptor = open(path, _writeOnly | _closeOnExec, 0);
        return descriptor < 0 ? throw Failure("open " + path) : descriptor;
    }

    /// <summary>The beginning of a file, as much as the kernel gives at once, as ASCII text; null when it cannot be read.</summary>
    public static string? TryReadFile(string path)
    {
        const int room = 4096;
        var descriptor = open(path, _closeOnExec, 0);
        if (descriptor < 0)
            return null;
        var buffer = stackalloc byte[room];
        var count = read(descriptor, buffer, room);
        Close(descriptor);
        return count < 0 ? null : Encoding.ASCII.GetString(buffer, (int)count);
    }

    /// <exception cref="SandboxException">It cannot be made, or is there already.</exception>
    public static void MakeDirectory(string path)
    {
        if (mkdir(path, 0b111_101_101) < 0)
            throw Failure("mkdir " + path);
    }

    /// <returns>False when it is there still.</returns>
    public static bool TryRemoveDirectory(string path) => rmdir(path) >= 0 || Marshal.GetLastPInvokeError() == ENOENT;

    /// <summary>What the last call that failed said.</summary>
    public static string LastError => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    public static int EventDescriptor()
    {
        var descriptor = eventfd(0, _closeOnExec | _nonBlocking);
        return descriptor < 0 ? throw Failure("eventfd") : descriptor;
    }

    public static void Signal(int eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Bytes read; 0 at the end; −1 when there is nothing yet.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            while (true)
            {
                var count = read(descriptor, first, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
                switch (Marshal.GetLastPInvokeError())
                {
                    case EINTR:
                        continue;
                    case EAGAIN:
                        return -1;
                    default:
                        throw Failure("read");
                }
            }
        }
    }

    /// <summary>Bytes written; −1 when there is no room yet; −2 when nobody reads any more.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            while (true)
            {
                var count = write(descriptor, first, (nuint)bytes.Length);
                if (count >= 0)
                    return (int)count;
                switch (Marshal.GetLastPInvokeError())
                {
                    case EINTR:
                        continue;
                    case EAGAIN:
                        return -1;
                    case EPIPE:
                        return -2;
                    default:
                        throw Failure("write");
                }
            }
        }
    }

    public static void Close(int descriptor)
    {
        if (descriptor >= 0)
            _ = close(descriptor);
    }

    /// <summary>A descriptor that becomes readable when the process ends (pidfd_open(2)).</summary>
    public static int WatchProcess(int processId)
    {
        var descriptor = (int)syscall(_pidfdOpen, processId, 0);
        return descriptor < 0 ? throw Failure("pidfd_open") : descriptor;
    }

    /// <summary>
    /// Makes those whose parents have ended children of this process (PR_SET_CHILD_SUBREAPER), and not of the machine's first one, which may take its time to
    /// take them out of the process table.
    /// </summary>
    public static void AdoptOrphans()
    {
        if (prctl(_setChildSubreaper, 1, 0, 0, 0) < 0)
            throw Failure("prctl");
    }

    /// <summary>Waits for a child to end and takes it out of the process table.</summary>
    /// <returns>The processor time of it and of those that it had waited for itself, and the largest of them in bytes; null when another has reaped it already.</returns>
    public static (TimeSpan Cpu, long LargestBytes)? Reap(int processId)
    {
        // struct rusage begins with the times in user and in kernel mode, seconds and microseconds each, and the largest resident size in KiB; it is 144 bytes long.
        var usage = stackalloc nint[18];
        while (true)
        {
            if (wait4(processId, null, 0, usage) >= 0)
                return (TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]), usage[4] * 1024L);
            if (Marshal.GetLastPInvokeError() != EINTR)
                return null;
        }
    }

    /// <summary>Of this thread alone: what it starts has no capability and no further groups, whatever it executes. The thread itself keeps its own.</summary>
    public static void GiveUpWhatChildrenCouldGain()
    {
        const int readBounding = 23, dropBounding = 24, ambient = 47, clearAllAmbient = 4;
        if (syscall(_setGroups, 0, 0) < 0)
            throw Failure("setgroups");
        for (nuint capability = 0; prctl(readBounding, capability, 0, 0, 0) >= 0; capability++)
        {
            if (prctl(dropBounding, capability, 0, 0, 0) < 0)
                throw Failure("prctl");
        }
        if (prctl(ambient, clearAllAmbient, 0, 0, 0) < 0)
            throw Failure("prctl");
        // The header's version 3 and this thread; then effective, permitted and inheritable, twice, for the lower and the upper 32.
        var header = stackalloc uint[] { 0x20080522, 0 };
        var sets = stackalloc uint[6];
        if (syscall(_capget, (nint)header, (nint)sets) < 0)
            throw Failure("capget");
        sets[2] = sets[5] = 0;
        if (syscall(_capset, (nint)header, (nint)sets) < 0)
            throw Failure("capset");
    }

    public static void Kill(int processId) => _ = kill(processId, _sigKill);

    /// <summary>
    /// Starts a program with exactly these descriptors (the n-th of the list becomes n), this environment and nothing else of ours: no other descriptor,
    /// no ignored or blocked signal, a session of its own, <c>/</c> as its directory. Descriptors of files in memory are opened anew, so that each child
    /// reads from the beginning.
    /// </summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">The first is its name.</param>
    /// <param name="environment">Each <c>NAME=value</c>.</param>
    /// <param name="descriptors">What it finds in its own from 0 on.</param>
    /// <param name="user">Who it is from the beginning, and the group of the same number; null for who this thread is.</param>
    /// <returns>The process id.</returns>
    public static int Spawn(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<ChildDescriptor> descriptors, int? user)
    {
        // Larger than any C library's: glibc's are 80 and 336 bytes.
        const int room = 1024;
        var actions = stackalloc byte[room];
        var attributes = stackalloc byte[room];
        var allSignals = stackalloc byte[128];
        var noSignals = stackalloc byte[128];
        new Span<byte>(allSignals, 128).Fill(0xff);
        new Span<byte>(noSignals, 128).Clear();
        Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        var argv = ToNative(arguments);
        var envp = ToNative(environment);
        try
        {
            for (var target = 0; target < descriptors.Length; target++)
            {
                var (source, reopen) = descriptors[target];
                Check(
                    reopen
                        ? posix_spawn_file_actions_addopen(actions, target, $"/proc/self/fd/{source}", 0, 0)
                        : posix_spawn_file_actions_adddup2(actions, source, target),
                    "posix_spawn_file_actions");
            }
            Check(posix_spawn_file_actions_addclosefrom_np(actions, descriptors.Length), "posix_spawn_file_actions_addclosefrom_np");
            Check(posix_spawn_file_actions_addchdir_np(actions, "/"), "posix_spawn_file_actions_addchdir_np");
            const short setSignalDefaults = 0x04, setSignalMask = 0x08, setSession = 0x80;
            Check(posix_spawnattr_setsigdefault(attributes, allSignals), "posix_spawnattr_setsigdefault");
            Check(posix_spawnattr_setsigmask(attributes, noSignals), "posix_spawnattr_setsigmask");
            Check(posix_spawnattr_setflags(attributes, setSignalDefaults | setSignalMask | setSession), "posix_spawnattr_setflags");
            int processId;
            int error;
            if (user is { } other)
                Become(other);
            try
            {
                error = posix_spawn(&processId, program, actions, attributes, argv, envp);
            }
            finally
            {
                if (user is not null)
                    BecomeOneselfAgain();
            }
            Check(error, program);
            return processId;
        }
        finally
        {
            Free(argv);
            Free(envp);
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>
    /// Makes this thread alone another user until <see cref="BecomeOneselfAgain"/>: the kernel keeps users per thread, and it is the C library that has all of them follow
    /// (credentials(7), nptl(7)). The saved user stays root's, for the way back; whoever is executed meanwhile keeps nothing of it (execve(2)).
    /// </summary>
    private static void Become(int user)
    {
        if (syscall(_setGroupIds, user, user, 0) < 0)
            throw Failure("setresgid");
        if (syscall(_setUsers, user, user, 0) >= 0)
            return;
        var failure = Failure("setresuid");
        BecomeOneselfAgain();
        throw failure;
    }

    private static void BecomeOneselfAgain()
    {
        if (syscall(_setUsers, 0, 0, 0) < 0 || syscall(_setGroupIds, 0, 0, 0) < 0)
            Environment.FailFast("A thread could not become root again: " + LastError);
    }

    private static byte** ToNative(IReadOnlyList<string> strings)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)(strings.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(strings[i]);
            array[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(array[i], bytes.Length));
        }
        return array;
    }

    private static void Free(byte** array)
    {
        for (var i = 0; array[i] != null; i++)
            NativeMemory.Free(array[i]);
        NativeMemory.Free(array);
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
            throw new SandboxException($"{what}: {new Win32Exception(error).Message}");
    }

    private static SandboxException Failure(string call) => new($"{call}: {LastError}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, ulong count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int wait4(int processId, int* status, int options, nint* usage);

    [LibraryImport("libc")]
    private static partial int kill(int processId, int signal);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* processId, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int source, int target);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int target, string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);
}

/// <summary>What a child finds in one of its descriptors: one of ours, as it is or (a file) opened anew for reading.</summary>
internal readonly record struct ChildDescriptor(int Source, bool Reopen = false);

/// <summary>The sandbox could not do its own work: never the fault of the program inside.</summary>
public sealed class SandboxException(string message) : Exception(message);
