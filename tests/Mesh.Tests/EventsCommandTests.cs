using System.Text.Json.Nodes;
using Npgsql;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>The operator's commands on a whole mesh: where is it, what is dead, and back into the queue with it.</summary>
public sealed class EventsCommandTests(MeshFixture mesh)
{
    private const int _lessonPoints = 20;

    [Fact]
    public async Task What_follows_from_a_lesson_is_traced_from_service_to_service()
    {
        var correlation = $"traced-{Guid.CreateVersion7():N}";
        var learner = await mesh.RegisterAsync("jobseeker");
        await CompleteLessonAsync(learner, correlation);

        var trace = await Eventually.SeesAsync(
            () => TraceAsync(correlation),
            t => StateOf(t, "lms.lesson.completed", "gamification") == "applied" && StateOf(t, "gamification.points.awarded", "notification") == "applied",
            "the lesson applied in gamification and the points in notification", TimeSpan.FromSeconds(60));
        var lesson = Event(trace, "lms.lesson.completed")!;
        lesson["emittedBy"]!.GetValue<string>().ShouldBe("lms");
        lesson["publishedAt"].ShouldNotBeNull();
        var applied = Subscriber(lesson, "gamification")!;
        applied["afterMs"]!.GetValue<double>().ShouldBeInRange(0, 60_000);
        applied["try"]!.GetValue<int>().ShouldBe(1);
        Subscriber(lesson, "jobs")!["state"]!.GetValue<string>().ShouldBe("not-subscribed");
        Event(trace, "gamification.points.awarded")!["emittedBy"]!.GetValue<string>().ShouldBe("gamification");
        trace["away"]!.AsArray().ShouldBeEmpty();
        var order = trace["events"]!.AsArray().Select(e => e!["eventType"]!.GetValue<string>()).ToList();
        order.IndexOf("lms.lesson.completed").ShouldBeLessThan(order.IndexOf("gamification.points.awarded"));

        // One event by its own id, in words.
        var id = lesson["id"]!.GetValue<Guid>();
        var told = await mesh.Command.RunAsync("events", "trace", id.ToString());
        told.ExitCode.ShouldBe(0, told.ToString());
        told.Output.ShouldContain($"lms.lesson.completed  {id}");
        told.Output.ShouldMatch(@"gamification +applied after [\d.]+ ms at try 1");
    }

    [Fact]
    public async Task What_nobody_knows_is_one_sentence_and_exit_code_1()
    {
        var unknown = Guid.CreateVersion7();
        foreach (var arguments in (string[][])
            [["trace", unknown.ToString()], ["trace", "no such request"], ["show", unknown.ToString()], ["replay", unknown.ToString()], ["discard", unknown.ToString()], ["replay"], ["dead", "nobody"]])
        {
            var outcome = await mesh.Command.RunAsync(["events", .. arguments]);
            outcome.ExitCode.ShouldBe(1, outcome.ToString());
            outcome.Output.ShouldBeEmpty();
            outcome.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("mesh: ");
        }
    }

    [Fact]
    public async Task What_died_of_a_passing_cause_is_replayed_and_counts_once()
    {
        var learner = await mesh.RegisterAsync("jobseeker");
        using var client = mesh.WithToken(learner.Token);
        await PointsAsync(client, points => points > 0);
        var (correlation, malformed) = ($"dies-{Guid.CreateVersion7():N}", Guid.CreateVersion7());
        await using var database = NpgsqlDataSource.Create(await ConnectionAsync("gamification"));
        await using (var broker = await EventTap.OpenAsync(await ConnectionAsync("rabbitmq")))
            await broker.PublishRawAsync("lms.lesson.completed", "{ no event"u8.ToArray(), malformed.ToString());
        await DoAsync(database,
            $"""
            CREATE FUNCTION refuse_{learner.Id:N}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'The ledger is closed.'; END $$;
            CREATE TRIGGER refuse_{learner.Id:N} BEFORE INSERT ON ledger FOR EACH ROW WHEN (NEW.user_id = '{learner.Id}') EXECUTE FUNCTION refuse_{learner.Id:N}();
            """);
        Guid dead;
        try
        {
            await CompleteLessonAsync(learner, correlation);
            var listed = await Eventually.SeesAsync(
                () => DeadAsync("gamification"), seen => Letter(seen, e => e["correlationId"]?.GetValue<string>() == correlation) is not null
                    && Letter(seen, e => e["id"]!.GetValue<Guid>() == malformed) is not null,
                "two dead letters", TimeSpan.FromSeconds(60));
            var letter = Letter(listed, e => e["correlationId"]?.GetValue<string>() == correlation)!;
            dead = letter["id"]!.GetValue<Guid>();
            letter["reason"]!.GetValue<string>().ShouldContain("The ledger is closed.");
            letter["attempts"]!.GetValue<int>().ShouldBe(3);
            var shown = await mesh.Command.RunAsync("events", "show", dead.ToString());
            shown.ExitCode.ShouldBe(0, shown.ToString());
            shown.Output.ShouldContain(learner.Id.ToString());
            shown.Output.ShouldContain("PostgresException");
            Subscriber(Event(await TraceAsync(dead.ToString()), "lms.lesson.completed")!, "gamification")!["state"]!.GetValue<string>().ShouldBe("dead");
        }
        finally
        {
            await DoAsync(database, $"DROP TRIGGER refuse_{learner.Id:N} ON ledger; DROP FUNCTION refuse_{learner.Id:N}();");
        }

        var before = await PointsAsync(client, _ => true);
        var replays = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => mesh.Command.RunAsync("events", "replay", "--all", "gamification")));
        replays.ShouldAllBe(r => r.ExitCode == 0);
        await PointsAsync(client, points => points > before);
        // Two at the same time brought it back once; and what comes after it finds the ledger as it was.
        await mesh.Command.RunAsync("events", "replay", dead.ToString());
        await CompleteLessonAsync(learner, $"after-{Guid.CreateVersion7():N}", second: true);
        await PointsAsync(client, points => points == before + (2 * _lessonPoints));
        var subscriber = Subscriber(Event(await TraceAsync(correlation), "lms.lesson.completed")!, "gamification")!;
        (subscriber["state"]!.GetValue<string>(), subscriber["failedTries"]!.GetValue<int>()).ShouldBe(("applied", 3));

        // The malformed one came back, for nobody mended it.
        await Eventually.SeesAsync(
            () => DeadAsync("gamification"), seen => Ids(seen).SequenceEqual([malformed]), "the malformed one alone");
        (await mesh.Command.RunAsync("events", "discard", malformed.ToString())).ExitCode.ShouldBe(0);
        (await mesh.Command.RunAsync("events", "dead")).Output.ShouldStartWith("None");
    }

    private static async Task DoAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static IEnumerable<Guid> Ids(JsonNode listed) => listed.AsArray().Select(letter => letter!["event"]!["id"]!.GetValue<Guid>());

    private static JsonNode? Event(JsonNode trace, string type) =>
        trace["events"]?.AsArray().FirstOrDefault(e => e!["eventType"]?.GetValue<string>() == type);

    private static JsonNode? Subscriber(JsonNode @event, string service) =>
        @event["subscribers"]!.AsArray().SingleOrDefault(s => s!["service"]!.GetValue<string>() == service);

    private static string? StateOf(JsonNode trace, string type, string service) =>
        Event(trace, type) is { } found ? Subscriber(found, service)?["state"]!.GetValue<string>() : null;

    private static JsonNode? Letter(JsonNode listed, Func<JsonNode, bool> where) => listed.AsArray().Select(e => e!["event"]!).FirstOrDefault(where);

    private static async Task<int> PointsAsync(HttpClient client, Func<int, bool> accept) => await Eventually.SeesAsync(
        async () => (await client.AskAsync("/api/v1/gamification/me")).Data["points"]!.GetValue<int>(), accept, "points", TimeSpan.FromSeconds(60));

    private async Task<JsonNode> TraceAsync(string id)
    {
        var outcome = await mesh.Command.RunAsync("events", "trace", id, "--json");
        return outcome.ExitCode == 0 ? JsonNode.Parse(outcome.Output)! : new JsonObject();
    }

    private async Task<JsonNode> DeadAsync(string service)
    {
        var outcome = await mesh.Command.RunAsync("events", "dead", service, "--json");
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        return JsonNode.Parse(outcome.Output)!["events"]!;
    }

    private async Task<string> ConnectionAsync(string name) => (await mesh.Command.RunAsync("connection", name)).Output.Trim();

    private async Task CompleteLessonAsync(Account learner, string correlation, bool second = false)
    {
        using var client = mesh.WithToken(learner.Token);
        client.DefaultRequestHeaders.Add("x-correlation-id", correlation);
        var course = (await client.AskAsync("/api/v1/courses")).Data[0]!["id"];
        await client.PostAsync($"/api/v1/courses/{course}/enroll");
        var lessons = (await client.AskAsync($"/api/v1/courses/{course}")).Data["sections"]!.AsArray().SelectMany(s => s!["lessons"]!.AsArray()).ToList();
        var answer = await client.PostAsync($"/api/v1/lessons/{lessons[second ? 1 : 0]!["id"]}/complete");
        answer.Status.ShouldBe(System.Net.HttpStatusCode.OK, answer.Body);
    }
}
