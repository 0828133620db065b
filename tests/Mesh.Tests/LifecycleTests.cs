using System.Net;
using System.Net.NetworkInformation;
using TalentSphere.Cli.Mesh;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>A second mesh beside the first: its beginning and its end.</summary>
public sealed class LifecycleTests(MeshFixture first)
{
    [Fact]
    public async Task A_second_mesh_starts_beside_the_first_and_leaves_nothing_behind()
    {
        var second = MeshCommand.InTemporaryDirectory();
        second.EndWithThisProcess();
        var port = MeshCommand.FreePort();
        try
        {
            var up = await second.UpAsync(port, dashboard: false, ("Auth__AccessTokenLifetime", "00:00:02"));
            up.ExitCode.ShouldBe(0, up.ToString());
            up.Output.ShouldContain($"http://localhost:{port}");

            var again = await second.UpAsync(port, dashboard: false);
            again.ExitCode.ShouldBe(0, again.ToString());
            again.Output.ShouldContain("already running");

            await ExpireAsync(new Uri($"http://localhost:{port}"));
            (await first.Command.StatusAsync()).Mesh.Healthy.ShouldBeTrue();
            await EndAsync(second);
        }
        finally
        {
            await second.RunAsync("down");
        }
        using var client = first.Anonymous();
        (await client.AskAsync("/ready")).Status.ShouldBe(HttpStatusCode.OK, "the first mesh goes on");
        StateFiles.Delete(second.State);
    }

    [Fact]
    public async Task The_demo_is_plain_text_in_a_pipe_and_says_where_to_look()
    {
        var demo = await first.Command.RunAsync("demo");
        demo.ExitCode.ShouldBe(0, demo.ToString());
        demo.Output.ShouldContain("Every claim held: 27 steps");
        demo.Output.ShouldContain("/traces/detail/");
        demo.Output.ShouldNotContain("\u001b[");
        demo.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_mesh_the_commands_say_so()
    {
        var nowhere = MeshCommand.InTemporaryDirectory();
        foreach (var command in (string[])["status", "demo"])
        {
            var outcome = await nowhere.RunAsync(command);
            outcome.ExitCode.ShouldBe(1);
            outcome.Error.ShouldContain("no mesh is running here");
        }
        var down = await nowhere.RunAsync("down");
        down.ExitCode.ShouldBe(0);
        down.Output.ShouldContain("No mesh is running here");
        StateFiles.Delete(nowhere.State);
    }

    /// <summary>A token that was good and whose time is up.</summary>
    private static async Task ExpireAsync(Uri gateway)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        var email = $"short.{Guid.CreateVersion7():N}@mesh.talentsphere.example";
        var registered = await client.PostAsync("/api/v1/auth/register", new { email, password = "a-short-lived-token-4716", name = "Short" });
        client.DefaultRequestHeaders.Authorization = new("Bearer", registered.Data["accessToken"]!.GetValue<string>());
        (await client.AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        var expired = await Eventually.SeesAsync(
            () => client.AskAsync("/api/v1/auth/me"), a => a.Status == HttpStatusCode.Unauthorized, "the token to expire", TimeSpan.FromSeconds(40));
        expired.Code.ShouldBe("AUTH_002");
        foreach (var area in (string[])["courses", "enrollments", "jobs", "challenges", "gamification/me", "notifications"])
            (await client.AskAsync("/api/v1/" + area)).Code.ShouldBe("AUTH_002", area);
        (await client.PostAsync("/api/v1/auth/login", new { email, password = "a-short-lived-token-4716" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task EndAsync(MeshCommand mesh)
    {
        var status = await mesh.StatusAsync();
        var processes = Descendants(status.Mesh.Pid);
        var ports = status.Resources.SelectMany(r => r.Urls ?? []).Select(u => new Uri(u).Port).ToHashSet();
        var down = await mesh.RunAsync("down");
        down.ExitCode.ShouldBe(0, down.ToString());
        processes.Count.ShouldBeGreaterThan(9);
        ports.Count.ShouldBeGreaterThan(9);
        processes.Where(IsAlive).Select(CommandLine).ShouldBeEmpty();
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).Intersect(ports).ShouldBeEmpty();
    }

    private static List<int> Descendants(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!))
            .Select(pid => (Pid: pid, Parent: ParentOf(pid))).ToLookup(p => p.Parent, p => p.Pid);
        List<int> found = [root];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(parents[found[i]]);
        return found;
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // The name in parentheses may hold anything, so what follows the last one counts (proc(5)).
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A process that has ended and whose new parent has not looked yet (state Z) holds nothing any more.</summary>
    private static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string CommandLine(int pid) => $"{pid} {File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ')}";
}
