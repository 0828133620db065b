using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Text.Json.Nodes;
using TalentSphere.Cli.Mesh;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>A second mesh beside the first: its beginning and its end.</summary>
public sealed class LifecycleTests(MeshFixture first)
{
    [Fact]
    public async Task A_second_mesh_starts_beside_the_first_changes_its_keys_under_load_and_leaves_nothing_behind()
    {
        var second = MeshCommand.InTemporaryDirectory();
        second.EndWithThisProcess();
        var port = MeshCommand.FreePort();
        try
        {
            var up = await second.UpAsync(port, dashboard: false, ("Auth__AccessTokenLifetime", "00:00:02"), ("Auth__KeyLead", "00:00:08"));
            up.ExitCode.ShouldBe(0, up.ToString());
            up.Output.ShouldContain($"http://localhost:{port}");

            var again = await second.UpAsync(port, dashboard: false);
            again.ExitCode.ShouldBe(0, again.ToString());
            again.Output.ShouldContain("already running");

            await ExpireAsync(new Uri($"http://localhost:{port}"));
            await ChangeKeysAsync(second, new Uri($"http://localhost:{port}"));
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

    /// <summary>
    /// People go on calling every service while a new key begins to sign and while the old one is withdrawn, which is when the last token that it signed is dead.
    /// Nobody is refused, and both keys are seen at work.
    /// </summary>
    private static async Task ChangeKeysAsync(MeshCommand mesh, Uri gateway)
    {
        var (faults, used) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, int>());
        using var over = new CancellationTokenSource();
        using var client = new HttpClient { BaseAddress = gateway };
        var old = (await PublishedAsync(client)).ShouldHaveSingleItem();
        var load = Task.WhenAll(((string[])["auth/me", "enrollments", "submissions", "applications", "gamification/me", "notifications"])
            .Select(route => GoOnAsync(gateway, route, faults, used, over.Token)));
        await Eventually.TrueAsync(() => used.GetValueOrDefault(old) > 20, "a load under the old key", TimeSpan.FromSeconds(30));

        var rotated = await mesh.RunAsync("keys", "rotate");
        rotated.ExitCode.ShouldBe(0, rotated.ToString());
        var fresh = (await Eventually.SeesAsync(() => PublishedAsync(client), keys => keys.Count == 2, "both keys to be published")).Single(k => k != old);
        used.ContainsKey(fresh).ShouldBeFalse("it is published before it signs");
        await Eventually.TrueAsync(() => used.ContainsKey(fresh), "the new key to sign", TimeSpan.FromSeconds(30));
        await Eventually.SeesAsync(() => PublishedAsync(client), keys => keys.SequenceEqual([fresh]), "the old key to be withdrawn", TimeSpan.FromSeconds(30));
        // Every process reads the keys every five seconds: let each have done so.
        var (soon, before) = (Stopwatch.StartNew(), used[fresh]);
        await Eventually.TrueAsync(() => soon.Elapsed > TimeSpan.FromSeconds(8) && used[fresh] > before + 20, "the load to go on", TimeSpan.FromSeconds(60));
        await over.CancelAsync();
        await load;
        faults.ShouldBeEmpty();
        used.Keys.ShouldBe([old, fresh], ignoreOrder: true);
        TestContext.Current.TestOutputHelper?.WriteLine($"{used[old]} requests under the old key, {used[fresh]} under the new one, none refused");
    }

    /// <summary>One person who asks on and on, and refreshes in time.</summary>
    private static async Task GoOnAsync(Uri gateway, string route, ConcurrentQueue<string> faults, ConcurrentDictionary<string, int> used, CancellationToken over)
    {
        using var client = new HttpClient { BaseAddress = gateway };
        var email = $"steady.{Guid.CreateVersion7():N}@mesh.talentsphere.example";
        var pair = await client.PostAsync("/api/v1/auth/register", new { email, password = "a-steady-visitor-4717", name = "Steady" });
        var age = Stopwatch.StartNew();
        while (!over.IsCancellationRequested)
        {
            if (age.Elapsed > TimeSpan.FromSeconds(1))
            {
                age.Restart();
                pair = await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = pair.Data["refreshToken"]!.GetValue<string>() });
                if (pair.Status != HttpStatusCode.OK)
                {
                    faults.Enqueue($"refresh: {pair}");
                    return;
                }
            }
            var token = pair.Data["accessToken"]!.GetValue<string>();
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/" + route) { Headers = { Authorization = new("Bearer", token) } };
            var answer = await client.ReadAsync(request);
            // A machine that stands still for longer than a token lives has not been refused anything.
            if (answer.Status == HttpStatusCode.OK)
                used.AddOrUpdate(JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!.GetValue<string>(), 1, (_, n) => n + 1);
            else if (answer.Code != "AUTH_002" || age.Elapsed < TimeSpan.FromSeconds(2))
                faults.Enqueue($"{route}: {answer}");
        }
    }

    private static async Task<List<string>> PublishedAsync(HttpClient client) =>
        [.. (await client.AskAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray().Select(k => k!["kid"]!.GetValue<string>())];

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
