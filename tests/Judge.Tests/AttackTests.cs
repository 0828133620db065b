namespace TalentSphere.Judge.Tests;

/// <summary>
/// Programs that mean harm, each with the verdict it must get. One at a time and alone: after each of them nothing of it may be left, and the next honest
/// submission must be accepted.
/// </summary>
[Collection(nameof(AttackTests))]
[CollectionDefinition(nameof(AttackTests), DisableParallelization = true)]
public sealed class AttackTests(JudgeFixture judge)
{
    public static TheoryData<string> Names => [.. Attacks.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_attack_gets_its_verdict_and_leaves_nothing_behind(string name)
    {
        var attack = Attacks.All[name];
        var reached = judge.Reached;
        var mounts = File.ReadAllLines("/proc/self/mountinfo");

        var judged = await judge.JudgeAsync(
            JudgeFixture.Job(attack.Language, attack.Source.Replace("DECOYPORT", judge.DecoyPort.ToString()).Replace("DECOYNAME", judge.DecoyName), attack.Tests, attack.CpuMs, attack.MemoryMb));

        attack.Verdicts.ShouldContain(judged.Verdict, judged.ToString());
        if (attack.Detail is not null)
            attack.Detail.Split('|').ShouldContain(judged.Detail, judged.ToString());
        // Limit, factor and two seconds; the machine may be busy with other tests, which is not the program's doing.
        if (judged.Tests.Count > 0)
            judged.CpuMs.ShouldBeLessThan((int)(attack.CpuMs * attack.Factor) + 500, judged.ToString());
        judged.ToString().ShouldNotContain(JudgeFixture.Key);
        judge.Reached.ShouldBe(reached, "a decoy was reached");
        judge.Remains().ShouldBeEmpty();
        File.ReadAllLines("/proc/self/mountinfo").ShouldBe(mounts);
        var honest = await judge.JudgeAsync("python", "print(int(input()) * 2)", "21", "42");
        honest.Verdict.ShouldBe("accepted", honest.ToString());
    }

    [Fact]
    public async Task A_program_that_sleeps_ends_within_its_limit_and_two_seconds()
    {
        var judged = await judge.JudgeAsync("c", "#include <unistd.h>\nint main(void) { sleep(60); }", cpuMs: 500);

        judged.Verdict.ShouldBe("time-limit");
        judged.Detail.ShouldBe("wall");
        judged.WallMs.ShouldBeInRange(500, 2500);
    }

    [Fact]
    public async Task No_file_of_a_slots_user_is_left_on_the_machine()
    {
        await judge.JudgeAsync("python", "open('/tmp/x', 'w').write('x'); open('/dev/shm/x', 'w').write('x')");

        var places = new[] { "/tmp", "/var/tmp", "/dev/shm", "/run", "/home", "/var/lib", "/var/spool" }.Where(Directory.Exists);
        string[] arguments = [.. places, "-xdev", "(", .. judge.Slots.OwnUsers.SelectMany(u => new[] { "-uid", u.ToString(), "-o" }), "-false", ")", "-print", "-quit"];
        using var find = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("find", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var found = await find.StandardOutput.ReadToEndAsync();

        found.ShouldBeEmpty();
    }
}
