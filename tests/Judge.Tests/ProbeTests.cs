using System.Globalization;
using System.Text;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Tests;

/// <summary>The probe sees what is missing from a box: each of these turns it red.</summary>
public sealed class ProbeTests
{
    private const int _users = 61000 - 256;

    private static readonly BoxLimits _limits = new()
    {
        Cpu = TimeSpan.FromSeconds(1),
        Wall = TimeSpan.FromSeconds(5),
        MemoryBytes = 64 << 20,
        OutputBytes = 16 * 1024,
        Processes = 32,
    };

    [Fact]
    public async Task A_whole_box_passes() => (await TroublesAsync(plan => plan)).ShouldBeEmpty();

    [Fact]
    public async Task It_passes_with_version_1_of_control_groups_alone_too()
    {
        var mounts = CgroupMounts.OfThisProcess();

        // A machine with version 2 alone has no such layout to be tried.
        if (mounts.Controllers.ContainsKey("memory"))
            (await TroublesAsync(plan => plan, mounts with { Unified = null })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_the_system_call_filter_it_is_red() =>
        (await TroublesAsync(plan => Without(plan, "--seccomp"))).ShouldContain("seccomp");

    [Fact]
    public async Task With_an_inherited_environment_it_is_red() =>
        (await TroublesAsync(plan => plan with { Environment = ["ConnectionStrings__challenges=Host=localhost"] })).ShouldContain("environment");

    [Fact]
    public async Task With_a_variable_passed_inside_it_is_red() =>
        (await TroublesAsync(plan => plan with { Options = [.. plan.Options, ["--setenv", "Judge__Key", "x"]] })).ShouldContain("environment");

    [Fact]
    public async Task With_the_machines_network_it_is_red() =>
        (await TroublesAsync(plan => plan with { Options = [.. plan.Options, ["--share-net"]] })).ShouldContain("network");

    [Fact]
    public async Task With_a_writable_root_it_is_red() =>
        (await TroublesAsync(plan => plan with { Options = [.. plan.Options.Where(o => !o.SequenceEqual(["--remount-ro", "/"]))] })).ShouldContain("read-only");

    [Fact]
    public async Task With_a_writable_dev_it_is_red() =>
        (await TroublesAsync(plan => plan with { Options = [.. plan.Options.Where(o => !o.SequenceEqual(["--remount-ro", "/dev"]))] })).ShouldContain("read-only");

    [Theory]
    [InlineData("/etc", "/etc")]
    [InlineData("/root", "/root")]
    [InlineData("/proc/self", "/w/data")]
    public async Task With_a_folder_of_the_machine_it_is_red(string folder, string place) =>
        (await TroublesAsync(plan => plan with { Options = [.. Before(plan.Options, "--chdir", ["--ro-bind", folder, place])] })).ShouldContain("mounts");

    [Fact]
    public async Task With_the_machines_processes_it_is_red() =>
        (await TroublesAsync(plan => plan with
        {
            Options = [.. plan.Options.SelectMany(o => o is ["--unshare-all"]
                ? (IReadOnlyList<string>[])[["--unshare-ipc"], ["--unshare-net"], ["--unshare-uts"], ["--unshare-cgroup"]]
                : [o]).Select(o => o is ["--proc", "/proc"] ? ["--ro-bind", "/proc", "/proc"] : o)],
        })).ShouldNotBeEmpty();

    [Fact]
    public async Task As_root_it_is_red() =>
        (await TroublesAsync(plan => plan with { User = 0 })).ShouldNotBeEmpty();

    [Fact]
    public async Task Without_control_groups_it_is_red() =>
        (await TroublesAsync(plan => plan with { Prelude = Outside(plan.Prelude) })).ShouldContain("limits");

    [Fact]
    public async Task A_program_that_cannot_be_started_is_told()
    {
        var troubles = await TroublesAsync(plan => plan with { Options = [["--no-such-option"], .. plan.Options] });

        troubles.ShouldBe(["namespaces"]);
    }

    [Fact]
    public async Task What_starts_a_box_has_no_privilege_from_its_first_program_on_and_is_a_slots_user_where_it_can_be()
    {
        BoxPlan InsteadOfIt(BoxPlan plan) => plan with { Prelude = ["sh", "-c", "exec cat /proc/self/status"] };
        using var slots = new Slots(BoxMachine.Find(), CgroupTree.Create(CgroupMounts.OfThisProcess()), 1, _users, InsteadOfIt);
        await using var lease = slots.TryTake()!;
        var outcome = await lease.RunAsync(new() { Command = ["/bin/true"], Limits = _limits }, next: null, TestContext.Current.CancellationToken);

        var (own, status) = (Status(await File.ReadAllTextAsync("/proc/self/status", TestContext.Current.CancellationToken)), Status(Encoding.UTF8.GetString(outcome.Output.Span)));
        foreach (var ids in (string[])["Uid", "Gid"])
        {
            var one = status[ids].Split('\t').Distinct().ShouldHaveSingleItem();
            (Environment.IsPrivilegedProcess ? slots.OwnUsers.Select(u => u.ToString(CultureInfo.InvariantCulture)) : own[ids].Split('\t')).ShouldContain(one);
        }
        foreach (var set in (string[])["CapInh", "CapPrm", "CapEff", "CapAmb"])
            status[set].Trim('0').ShouldBeEmpty(set);
        // What it was not given it cannot give up: both are as they were where this process is nobody special.
        status["CapBnd"].Trim('0').ShouldBe(Environment.IsPrivilegedProcess ? "" : own["CapBnd"].Trim('0'));
        status["Groups"].ShouldBe(Environment.IsPrivilegedProcess ? "" : own["Groups"]);
    }

    private static Dictionary<string, string> Status(string text) =>
        text.Split('\n').Select(l => l.Split(":\t", 2)).Where(l => l.Length == 2).ToDictionary(l => l[0], l => l[1].Trim());

    private static async Task<IReadOnlyList<string>> TroublesAsync(Func<BoxPlan, BoxPlan> change, CgroupMounts? mounts = null)
    {
        using var slots = new Slots(BoxMachine.Find(), CgroupTree.Create(mounts ?? CgroupMounts.OfThisProcess()), 1, _users, change);
        return [.. (await SandboxProbe.RunAsync(slots, TestContext.Current.CancellationToken)).Select(t => t.Part).Distinct()];
    }

    private static BoxPlan Without(BoxPlan plan, string option) => plan with { Options = [.. plan.Options.Where(o => o[0] != option)] };

    private static IEnumerable<IReadOnlyList<string>> Before(IReadOnlyList<IReadOnlyList<string>> options, string option, IReadOnlyList<string> added) =>
        options.SelectMany(o => o[0] == option ? (IReadOnlyList<string>[])[added, o] : [o]);

    /// <summary>The shell is told of no group to enter.</summary>
    private static IReadOnlyList<string> Outside(IReadOnlyList<string> prelude)
    {
        const int count = 4;
        return [.. prelude.Take(count), "0", .. prelude.Skip(count + 1)];
    }
}
