using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// The system calls that no program in a box may make, as a classic BPF program over <c>struct seccomp_data</c> (seccomp(2), linux/bpf_common.h): eight bytes
/// for each instruction. Another architecture's calls and x32's end the process; the rest is refused with an error that programs know how to live with.
/// </summary>
internal static class SeccompFilter
{
    private const uint _archX64 = 0xc000003e;
    private const uint _x32 = 0x40000000;

    // Offsets into struct seccomp_data; arguments are 64 bits wide, the lower half first.
    private const uint _number = 0;
    private const uint _architecture = 4;
    private const uint _argument0 = 16;
    private const uint _argument1 = 24;
    private const uint _argument3 = 40;

    private const uint _killProcess = 0x80000000;
    private const uint _allow = 0x7fff0000;
    private const uint _error = 0x00050000;
    private const uint _notPermitted = 1;
    private const uint _notImplemented = 38;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private const uint _newNamespaces = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;

    private const uint _clone = 56;
    private const uint _clone3 = 435;
    private const uint _ioctl = 16;
    private const uint _personality = 135;
    private const uint _mmap = 9;
    private const uint _unixFamily = 1;
    private const uint _sharedAnonymous = 0x21;

    /// <summary>The families are told apart by their first argument; a network namespace alone leaves AF_VSOCK and AF_NETLINK open.</summary>
    private static readonly uint[] _sockets = [41, 53];

    private static readonly uint[] _terminalInjection = [0x5412, 0x541c];

    private static readonly uint[] _refused =
    [
        // Other processes: ptrace, process_vm_readv/writev, kcmp, pidfd_getfd, process_madvise.
        101, 310, 311, 312, 438, 440,
        // Mounts and roots: mount, umount2, pivot_root, chroot, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, statmount, listmount, open_tree_attr.
        165, 166, 155, 161, 428, 429, 430, 431, 432, 433, 442, 457, 458, 467,
        // Namespaces: unshare, setns.
        272, 308,
        // Kernel programs, counters and rings: bpf, perf_event_open, io_uring_setup/enter/register, userfaultfd.
        321, 298, 425, 426, 427, 323,
        // Keys: add_key, request_key, keyctl.
        248, 249, 250,
        // System V and POSIX IPC: shm*, sem*, msg*, mq_*.
        29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241, 242, 243, 244, 245,
        // The machine: kexec_load, kexec_file_load, reboot, init_module, finit_module, delete_module, swapon, swapoff, acct, settimeofday, clock_settime,
        // adjtimex, clock_adjtime, sethostname, setdomainname, iopl, ioperm, syslog, quotactl, quotactl_fd, vhangup, modify_ldt.
        246, 320, 169, 175, 313, 176, 167, 168, 163, 164, 227, 159, 305, 170, 171, 172, 173, 103, 179, 443, 153, 154,
        // Files by handle and watching whole mounts: name_to_handle_at, open_by_handle_at, fanotify_init, fanotify_mark, lookup_dcookie.
        303, 304, 300, 301, 212,
        // Memory that escapes accounting or placement: memfd_secret, move_pages, migrate_pages, vmsplice.
        447, 279, 256, 278,
        // Long gone, and nobody's business: uselib, ustat, sysfs, _sysctl, create_module, get_kernel_syms, query_module, nfsservctl.
        134, 136, 139, 156, 174, 177, 178, 180,
    ];

    /// <summary>memfd_create: memory that no RLIMIT_DATA counts.</summary>
    private static readonly uint[] _refusedWithoutMemoryLimit = [319];

    /// <summary>The filter's bytes.</summary>
    /// <param name="withoutMemoryLimit">True where no control group limits memory: then what RLIMIT_DATA does not count is refused too.</param>
    /// <exception cref="SandboxException">The machine is no x86-64 one.</exception>
    public static byte[] Assemble(bool withoutMemoryLimit = false)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new SandboxException($"there is no system call filter for {RuntimeInformation.ProcessArchitecture}");
        var program = new BpfProgram();
        program.Load(_architecture);
        program.JumpUnlessEqual(_archX64, "kill");
        program.Load(_number);
        program.JumpIfAtLeast(_x32, "kill");
        program.JumpIfEqual(_clone3, "not-implemented");
        program.JumpIfEqual(_clone, "clone");
        program.JumpIfEqual(_ioctl, "ioctl");
        program.JumpIfEqual(_personality, "personality");
        foreach (var call in _sockets)
            program.JumpIfEqual(call, "socket");
        if (withoutMemoryLimit)
            program.JumpIfEqual(_mmap, "mmap");
        Refuse(program, [.. (withoutMemoryLimit ? [.. _refused, .. _refusedWithoutMemoryLimit] : _refused).Order()]);

        program.Label("clone");
        program.Load(_argument0);
        program.JumpIfAnyBit(_newNamespaces, "refuse");
        program.Return(_allow);

        program.Label("ioctl");
        program.Load(_argument1);
        foreach (var request in _terminalInjection)
            program.JumpIfEqual(request, "refuse");
        program.Return(_allow);

        // To ask for the present one (all ones) and to set the default one is harmless.
        program.Label("personality");
        program.Load(_argument0);
        program.JumpIfEqual(0, "allow");
        program.JumpIfEqual(uint.MaxValue, "allow");
        program.Return(_error | _notPermitted);

        program.Label("socket");
        program.Load(_argument0);
        program.JumpUnlessEqual(_unixFamily, "refuse");
        program.Return(_allow);

        if (withoutMemoryLimit)
        {
            program.Label("mmap");
            program.Load(_argument3);
            program.And(_sharedAnonymous);
            program.JumpIfEqual(_sharedAnonymous, "refuse");
            program.Return(_allow);
        }

        program.Label("allow");
        program.Return(_allow);
        program.Label("not-implemented");
        program.Return(_error | _notImplemented);
        program.Label("refuse");
        program.Return(_error | _notPermitted);
        program.Label("kill");
        program.Return(_killProcess);
        return program.ToBytes();
    }

    /// <summary>
    /// Halves the numbers until few are left. The kernel tries every number there is when a filter is put in place, which is for each box: in one long row that
    /// took as long as several mounts.
    /// </summary>
    private static void Refuse(BpfProgram program, ReadOnlySpan<uint> calls)
    {
        const int few = 4;
        if (calls.Length <= few)
        {
            foreach (var call in calls)
                program.JumpIfEqual(call, "refuse");
            program.Return(_allow);
            return;
        }
        var upper = $"from {calls[calls.Length / 2]}";
        program.JumpIfAtLeast(calls[calls.Length / 2], upper);
        Refuse(program, calls[..(calls.Length / 2)]);
        program.Label(upper);
        Refuse(program, calls[(calls.Length / 2)..]);
    }

    /// <summary>Instructions with jumps to labels further down.</summary>
    private sealed class BpfProgram
    {
        private const ushort _loadWord = 0x20;
        private const ushort _and = 0x54;
        private const ushort _jumpEqual = 0x15;
        private const ushort _jumpAtLeast = 0x35;
        private const ushort _jumpSet = 0x45;
        private const ushort _return = 0x06;

        private readonly List<(ushort Code, string? IfTrue, string? IfFalse, uint Operand)> _instructions = [];
        private readonly Dictionary<string, int> _labels = [];

        public void Load(uint offset) => _instructions.Add((_loadWord, null, null, offset));

        public void And(uint mask) => _instructions.Add((_and, null, null, mask));

        public void JumpIfEqual(uint value, string label) => _instructions.Add((_jumpEqual, label, null, value));

        public void JumpUnlessEqual(uint value, string label) => _instructions.Add((_jumpEqual, null, label, value));

        public void JumpIfAtLeast(uint value, string label) => _instructions.Add((_jumpAtLeast, label, null, value));

        public void JumpIfAnyBit(uint mask, string label) => _instructions.Add((_jumpSet, label, null, mask));

        public void Return(uint value) => _instructions.Add((_return, null, null, value));

        public void Label(string name) => _labels.Add(name, _instructions.Count);

        public byte[] ToBytes()
        {
            var bytes = new byte[_instructions.Count * 8];
            for (var i = 0; i < _instructions.Count; i++)
            {
                var (code, ifTrue, ifFalse, operand) = _instructions[i];
                var instruction = bytes.AsSpan(i * 8, 8);
                BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
                instruction[2] = Distance(i, ifTrue);
                instruction[3] = Distance(i, ifFalse);
                BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], operand);
            }
            return bytes;
        }

        // A jump's length is one byte: checked, because a longer one would silently lead somewhere else.
        private byte Distance(int from, string? label) => label is null ? (byte)0 : checked((byte)(_labels[label] - from - 1));
    }
}
