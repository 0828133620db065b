using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using TalentSphere.Cli.Demo;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>Projections rebuilt from the events that the services keep, by the command that an operator has.</summary>
public sealed class RebuildTests(MeshFixture mesh)
{
    [Fact]
    public async Task What_the_story_left_behind_is_rebuilt_to_the_same_hash_and_damage_is_found_and_repaired_while_it_is_read()
    {
        await mesh.TellAsync(new Quiet());
        var account = await mesh.RegisterAsync("jobseeker");
        using var client = mesh.WithToken(account.Token);
        await Eventually.SeesAsync(() => UnreadAsync(client), n => n == 3, "a welcome, a badge and points");
        foreach (var service in (string[])["gamification", "notification"])
            await EqualsAsync(service);

        await ExecuteAsync("gamification", "UPDATE learners SET total = total + 5000 WHERE user_id = $1", account.Id);
        await ExecuteAsync("notification", "UPDATE notifications SET title = 'Forged' WHERE user_id = $1 AND kind = 'Welcome'", account.Id);
        foreach (var service in (string[])["gamification", "notification"])
        {
            var found = await mesh.Command.RunAsync("events", "rebuild", service, "--into", "shadow");
            found.ExitCode.ShouldBe(1, found.ToString());
            found.Output.ShouldContain("DIFFERENT: 1 changed, 0 only live, 0 only in the shadow");
            found.Output.ShouldContain(account.Id.ToString());
        }

        using var reading = new CancellationTokenSource();
        var seen = new ConcurrentBag<HttpStatusCode>();
        var reader = ReadAsync(client, seen, reading.Token);
        foreach (var service in (string[])["gamification", "notification"])
        {
            var swapped = await mesh.Command.RunAsync("events", "rebuild", service, "--swap");
            swapped.ExitCode.ShouldBe(0, swapped.ToString());
        }
        await reading.CancelAsync();
        await reader;

        seen.Count.ShouldBeGreaterThan(20);
        seen.Distinct().ShouldBe([HttpStatusCode.OK]);
        (await client.AskAsync("/api/v1/gamification/me")).Data["points"]!.GetValue<int>().ShouldBe(10);
        (await client.AskAsync("/api/v1/notifications?limit=100")).Body.ShouldNotContain("Forged");
        foreach (var service in (string[])["gamification", "notification"])
            await EqualsAsync(service);
        await mesh.TellAsync(new Quiet());
    }

    [Fact]
    public async Task A_rebuild_survives_that_its_service_is_killed_and_ends_with_the_new_or_the_old()
    {
        await mesh.TellAsync(new Quiet());
        var rebuild = mesh.Command.RunAsync("events", "rebuild", "gamification", "--swap");
        await Eventually.TrueAsync(async () => await PhaseAsync() is "applying" or "comparing" or "compared" or "swapped" || rebuild.IsCompleted, "the rebuild to be at work");
        var pid = (await mesh.Command.StatusAsync()).Resources.Single(r => r.Name == "gamification").Pid!.Value;
        using (var service = Process.GetProcessById(pid))
            service.Kill();

        var outcome = await rebuild;

        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        await EqualsAsync("gamification");
        await mesh.TellAsync(new Quiet());
    }

    [Fact]
    public async Task As_of_a_moment_before_anything_happened_there_is_nothing()
    {
        var outcome = await mesh.Command.RunAsync("events", "rebuild", "gamification", "--as-of", "2020-01-01T00:00:00Z", "--json");
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        var tables = JsonNode.Parse(outcome.Output)!["tables"]!.AsArray();
        tables.Count.ShouldBe(4, "learners, ledger, badges, solved challenges");
        tables.ShouldAllBe(t => t!["shadowRows"]!.GetValue<int>() == 0 && t["liveHash"] == null);
        (await mesh.Command.RunAsync("events", "rebuild", "gamification", "--as-of", "2020-01-01T00:00:00Z", "--swap")).ExitCode.ShouldBe(1);
        (await mesh.Command.RunAsync("events", "rebuild", "lms")).Error.ShouldContain("no projection");
    }

    private static async Task<int> UnreadAsync(HttpClient client) =>
        (await client.AskAsync("/api/v1/notifications?limit=100")).Json["meta"]?["total"]?.GetValue<int>() ?? 0;

    private static async Task ReadAsync(HttpClient client, ConcurrentBag<HttpStatusCode> seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var path in (string[])["/api/v1/gamification/me", "/api/v1/gamification/ledger", "/api/v1/notifications", "/api/v1/gamification/leaderboard"])
                seen.Add((await client.AskAsync(path)).Status);
        }
    }

    private async Task EqualsAsync(string service)
    {
        var outcome = await mesh.Command.RunAsync("events", "rebuild", service, "--into", "shadow", "--json");
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        var told = JsonNode.Parse(outcome.Output)!;
        told["equal"]!.GetValue<bool>().ShouldBeTrue(outcome.Output);
        told["notRetained"]!.GetValue<int>().ShouldBe(0, outcome.Output);
        told["tables"]!.AsArray().ShouldAllBe(t => t!["liveRows"]!.GetValue<int>() > 0, outcome.Output);
    }

    private async Task<string?> PhaseAsync()
    {
        await using var connection = await ConnectAsync("gamification");
        try
        {
            await using var command = new NpgsqlCommand("SELECT phase FROM rebuild.state", connection);
            return (string?)await command.ExecuteScalarAsync();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
    }

    private async Task ExecuteAsync(string service, string sql, Guid id)
    {
        await using var connection = await ConnectAsync(service);
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = id } } };
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    private async Task<NpgsqlConnection> ConnectAsync(string service)
    {
        var address = (await mesh.Command.RunAsync("connection", service)).Output.Trim();
        var connection = new NpgsqlConnection(address);
        await connection.OpenAsync();
        return connection;
    }

    private sealed class Quiet : IStoryTeller
    {
        public void Chapter(string title)
        {
        }

        public Task BeginsAsync(string step) => Task.CompletedTask;

        public void Answered(StoryExchange exchange)
        {
        }

        public void Waits(string reason)
        {
        }

        public void Ends(StoryStep step)
        {
        }
    }
}
