using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>
/// A seccomp profile as it lies in <c>k8s/nodes</c>, made into a filter by libseccomp as runc does it: from that file and nothing else. libseccomp is on every Debian, since
/// apt needs it.
/// </summary>
internal sealed class SeccompProfile(JsonObject profile)
{
    private const string _library = "libseccomp.so.2";
    private const int _unknown = -1;

    /// <summary>Comparisons by the numbers that libseccomp has for them.</summary>
    private static readonly Dictionary<string, int> _operators = new() { ["SCMP_CMP_NE"] = 1, ["SCMP_CMP_EQ"] = 4, ["SCMP_CMP_MASKED_EQ"] = 7 };

    /// <summary>Calls that are younger than the oldest libseccomp that tests run with, by the kernel's table for x86-64. Others that it does not know are misspelt.</summary>
    private static readonly Dictionary<string, int> _young = new()
    {
        ["cachestat"] = 451,
        ["fchmodat2"] = 452,
        ["map_shadow_stack"] = 453,
        ["futex_wake"] = 454,
        ["futex_wait"] = 455,
        ["futex_requeue"] = 456,
        ["mseal"] = 462,
    };

    public static SeccompProfile Of(string file) => new(JsonNode.Parse(File.ReadAllText(Path.Combine(Checkout.Manifests, "nodes", "seccomp", file)))!.AsObject());

    public IReadOnlyList<JsonNode> Rules => [.. profile.List("syscalls")];

    /// <summary>The calls that it lets through, whatever their arguments may have to be.</summary>
    public IEnumerable<string> Allowed => Rules.Where(r => r.Text("action") == "SCMP_ACT_ALLOW").SelectMany(r => r.Texts("names")).Distinct();

    /// <summary>The same without some rules; there must be such.</summary>
    public SeccompProfile Without(Func<JsonNode, bool> gone)
    {
        var copy = profile.DeepClone().AsObject();
        copy["syscalls"]!.AsArray().RemoveAll(r => gone(r!)).ShouldBeGreaterThan(0);
        return new(copy);
    }

    /// <summary>The same without a call.</summary>
    public SeccompProfile Without(string call)
    {
        var copy = profile.DeepClone().AsObject();
        copy["syscalls"]!.AsArray().Sum(r => r!["names"]!.AsArray().RemoveAll(n => n!.ToString() == call)).ShouldBeGreaterThan(0, call);
        return new(copy);
    }

    /// <summary>The same with another error for what it does not name.</summary>
    public SeccompProfile Refusing(int error)
    {
        var copy = profile.DeepClone().AsObject();
        copy["defaultErrnoRet"] = error;
        return new(copy);
    }

    /// <summary>A BPF program, as seccomp(2) takes it.</summary>
    public byte[] Assemble()
    {
        profile.Texts("architectures").ShouldBe(["SCMP_ARCH_X86_64"]);
        var filter = seccomp_init(ActionOf(profile.Text("defaultAction"), profile.Text("defaultErrnoRet")));
        filter.ShouldNotBe(0);
        var path = Path.GetTempFileName();
        try
        {
            foreach (var rule in Rules)
            {
                var action = ActionOf(rule.Text("action"), rule.Text("errnoRet"));
                Comparison[] when = [.. rule.List("args").Select(Read)];
                foreach (var name in rule.Texts("names"))
                    seccomp_rule_add_exact_array(filter, action, NumberOf(name), (uint)when.Length, when).ShouldBe(0, name);
            }
            using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
                seccomp_export_bpf(filter, (int)file.DangerousGetHandle()).ShouldBe(0);
            return File.ReadAllBytes(path);
        }
        finally
        {
            seccomp_release(filter);
            File.Delete(path);
        }
    }

    /// <summary>The number that a call has on this machine.</summary>
    public static int NumberOf(string call)
    {
        var number = seccomp_syscall_resolve_name(call);
        return number != _unknown ? number : _young.TryGetValue(call, out var young) ? young : throw new ArgumentException($"No kernel has a call '{call}'.", nameof(call));
    }

    private static uint ActionOf(string? action, string? error) => action switch
    {
        "SCMP_ACT_ALLOW" => 0x7fff0000,
        "SCMP_ACT_ERRNO" => 0x00050000 | uint.Parse(error ?? "1"),
        _ => throw new ArgumentException($"'{action}' is no action that is known here.", nameof(action)),
    };

    private static Comparison Read(JsonNode argument) => new()
    {
        Argument = uint.Parse(argument.Text("index")!),
        Operator = _operators[argument.Text("op")!],
        First = ulong.Parse(argument.Text("value")!),
        Second = ulong.Parse(argument.Text("valueTwo") ?? "0"),
    };

    /// <summary><c>struct scmp_arg_cmp</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Comparison
    {
        public uint Argument;
        public int Operator;
        public ulong First;
        public ulong Second;
    }

    [DllImport(_library)]
    private static extern nint seccomp_init(uint defaultAction);

    [DllImport(_library)]
    private static extern void seccomp_release(nint filter);

    [DllImport(_library)]
    private static extern int seccomp_syscall_resolve_name([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport(_library)]
    private static extern int seccomp_rule_add_exact_array(nint filter, uint action, int call, uint count, [In] Comparison[] when);

    [DllImport(_library)]
    private static extern int seccomp_export_bpf(nint filter, int descriptor);
}
