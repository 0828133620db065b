using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>People who leave, and what is left of them.</summary>
public sealed class ErasureTests(MeshFixture mesh)
{
    private static readonly string[] _services = ["auth", "challenges", "gamification", "gateway", "jobs", "lms", "notification"];
    private readonly Dictionary<string, string> _connections = [];

    [Fact]
    public async Task Nothing_is_left_of_a_candidate_and_of_an_employer_though_services_die_and_stay_away_meanwhile()
    {
        var candidate = await RegisterAsync("jobseeker");
        var employer = await RegisterAsync("employer");
        await DraftAsync(employer);
        await HireAsync(candidate, employer);
        await LearnAsync(candidate);
        var letter = await LeaveADeadLetterAsync(candidate);
        foreach (var person in (Leaver[])[candidate, employer])
            (await FindAsync(person.Word)).Select(found => found.Split(':')[0]).Distinct().Count().ShouldBeGreaterThan(3, "the words are there to begin with");

        await CommandAsync("challenges", "stop");
        var receipts = new List<string>();
        try
        {
            foreach (var (person, victim) in ((Leaver, string)[])[(candidate, "gamification"), (employer, "jobs")])
            {
                var pid = await PidOfAsync(victim);
                var deleted = await person.Client.RemoveAsync("/api/v1/auth/me", new { password = person.Password });
                using (var process = Process.GetProcessById(pid))
                    process.Kill();
                deleted.Status.ShouldBe(HttpStatusCode.Accepted, deleted.Body);
                receipts.Add(deleted.Data["receipt"]!.GetValue<string>());
            }
            foreach (var receipt in receipts)
            {
                var open = await ReceiptAsync(receipt, r => Waiting(r).SequenceEqual(["challenges"]), "every service but the one that is away to answer");
                open["status"]!.GetValue<string>().ShouldBe("open");
            }
        }
        finally
        {
            await CommandAsync("challenges", "start");
        }

        foreach (var receipt in receipts)
        {
            var closed = await ReceiptAsync(receipt, r => r["status"]!.GetValue<string>() == "closed", "the case to be closed");
            closed["services"]!.AsArray().Select(s => s!["service"]!.GetValue<string>()).ShouldBe(_services);
            closed["services"]!.AsArray().ShouldAllBe(s => s!["erasedAt"] != null && s["records"] != null);
        }
        foreach (var person in (Leaver[])[candidate, employer])
        {
            (await FindAsync(person.Word)).ShouldBeEmpty();
            mesh.Command.ReadLogs().Where(log => log.Text.Contains(person.Word, StringComparison.OrdinalIgnoreCase)).Select(log => log.File).ShouldBeEmpty();
            using var anonymous = mesh.Anonymous();
            (await anonymous.PostAsync("/api/v1/auth/login", new { email = person.Email, password = person.Password })).Code.ShouldBe("AUTH_001");
        }
        await Eventually.SeesAsync(mesh.Command.StatusAsync, s => s.Mesh.Healthy, "the mesh to be healthy again", TimeSpan.FromSeconds(60));
        // The letter is still there, without what it said of the candidate; nobody else is to find it.
        var discarded = await mesh.Command.RunAsync("events", "discard", letter.ToString());
        discarded.ExitCode.ShouldBe(0, discarded.ToString());
    }

    /// <summary>What the candidate and the employer write to and about each other.</summary>
    private static async Task HireAsync(Leaver candidate, Leaver employer)
    {
        var company = await Created(employer.Client.PostAsync("/api/v1/companies", new
        {
            name = $"{employer.Word} Works",
            website = $"https://{employer.Word}.example",
            industry = employer.Word,
            location = employer.Word,
            description = $"We are {employer.Word}.",
        }));
        object Post(string title) => new
        {
            companyId = company,
            title,
            description = $"For {employer.Word}.",
            requirements = new[] { employer.Word },
            location = employer.Word,
            type = "full-time",
            tags = new[] { employer.Word },
        };
        var job = await Created(employer.Client.PostAsync("/api/v1/jobs", Post($"First {employer.Word}")));
        (await employer.Client.PutAsync($"/api/v1/jobs/{job}", Post($"Second {employer.Word}"))).Status.ShouldBe(HttpStatusCode.OK);
        var application = await Created(candidate.Client.PostAsync(
            $"/api/v1/jobs/{job}/apply", new { resumeUrl = $"https://files.example/{candidate.Word}.pdf", coverLetter = $"I am {candidate.Word}." }));
        await candidate.Client.PutAsync($"/api/v1/jobs/{job}/saved", null);
        await Created(candidate.Client.PostAsync($"/api/v1/companies/{company}/reviews", new { rating = 3, text = $"{candidate.Word} was here." }));
        (await employer.Client.AskAsync($"/api/v1/applications/{application}")).Status.ShouldBe(HttpStatusCode.OK);
        (await employer.Client.PatchAsync($"/api/v1/applications/{application}", new { status = "reviewing" })).Status.ShouldBe(HttpStatusCode.OK);
        await Eventually.SeesAsync(
            () => candidate.Client.AskAsync("/api/v1/notifications?limit=100"), a => Count(a.Body, $"“Second {employer.Word}”") == 2,
            "the candidate to be told with the post's title");
    }

    private static async Task LearnAsync(Leaver candidate)
    {
        var course = (await candidate.Client.AskAsync("/api/v1/courses?limit=1")).Data[0]!["id"]!.GetValue<Guid>();
        var outline = (await candidate.Client.AskAsync($"/api/v1/courses/{course}")).Data;
        await Created(candidate.Client.PostAsync($"/api/v1/courses/{course}/enroll"));
        var lesson = outline["sections"]![0]!["lessons"]![0]!["id"]!.GetValue<Guid>();
        (await candidate.Client.PostAsync($"/api/v1/lessons/{lesson}/complete")).Status.ShouldBe(HttpStatusCode.OK);
        var challenge = (await candidate.Client.AskAsync("/api/v1/challenges?limit=1")).Data[0]!["id"]!.GetValue<Guid>();
        var submitted = await candidate.Client.PostAsync($"/api/v1/challenges/{challenge}/submissions", new { language = "python", code = $"# {candidate.Word}" });
        submitted.Status.ShouldBe(HttpStatusCode.Accepted, submitted.Body);
        await candidate.Client.PostAsync("/api/v1/auth/login", new { email = candidate.Email, password = "not-" + candidate.Password });
    }

    /// <summary>Grants the role and writes drafts: what was never published is nobody's but its author's.</summary>
    private async Task DraftAsync(Leaver employer)
    {
        var (email, password) = mesh.SeededAccount("admin");
        using var admin = mesh.WithToken((await mesh.SignInAsync(email, password)).Token);
        (await admin.PutAsync($"/api/v1/auth/users/{employer.Id}/roles", new { roles = new[] { "employer", "instructor" } })).Status.ShouldBe(HttpStatusCode.OK);
        var token = (await mesh.SignInAsync(employer.Email, employer.Password)).Token;
        using var author = mesh.WithToken(token);
        // The token with the old roles is worth nothing any more.
        employer.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var course = await Created(author.PostAsync("/api/v1/courses", new
        {
            title = $"Draft {employer.Word}",
            summary = employer.Word,
            description = employer.Word,
            level = "beginner",
            tags = new[] { employer.Word },
            language = "en",
        }));
        var section = await Created(author.PostAsync($"/api/v1/courses/{course}/sections", new { title = employer.Word }));
        await Created(author.PostAsync($"/api/v1/sections/{section}/lessons", new { title = employer.Word, content = $"Of {employer.Word}.", minutes = 5 }));
        var challenge = await Created(author.PostAsync("/api/v1/challenges", new
        {
            title = $"Draft {employer.Word}",
            statement = employer.Word,
            difficulty = "easy",
            tags = new[] { employer.Word },
            timeLimitMs = 1000,
            memoryLimitKb = 65_536,
        }));
        await Created(author.PostAsync(
            $"/api/v1/challenges/{challenge}/testcases", new { sample = true, input = employer.Word, expectedOutput = employer.Word, explanation = employer.Word }));
        await Created(author.PostAsync(
            $"/api/v1/challenges/{challenge}/solutions", new { name = employer.Word, language = "python", source = "# " + employer.Word, expected = "accepted" }));
    }

    /// <summary>A registration without its roles: gamification cannot handle it.</summary>
    private async Task<Guid> LeaveADeadLetterAsync(Leaver person)
    {
        var rabbit = await ConnectionAsync("rabbitmq");
        var id = Guid.CreateVersion7();
        var letter = new JsonObject
        {
            ["eventId"] = id,
            ["eventType"] = "auth.user.registered",
            ["timestamp"] = "2026-11-20T09:30:00Z",
            ["schemaVersion"] = 1,
            ["source"] = "auth",
            ["correlationId"] = "a-dead-letter",
            ["subject"] = person.Id,
            ["data"] = new JsonObject { ["userId"] = person.Id, ["email"] = person.Email, ["name"] = person.Word },
        };
        await using var connection = await new ConnectionFactory { Uri = new Uri(rabbit) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync(
            "", "gamification.events", mandatory: true, new BasicProperties { MessageId = id.ToString(), Type = "auth.user.registered", Persistent = true },
            Encoding.UTF8.GetBytes(letter.ToJsonString()));
        await Eventually.SeesAsync(() => Traces.InQueueAsync(rabbit, "gamification.events.dlq", person.Word), n => n == 1, "the dead letter");
        return id;
    }

    /// <summary>Everything that is kept anywhere and holds the word: where, and what.</summary>
    private async Task<IReadOnlyList<string>> FindAsync(string word)
    {
        var found = new List<string>();
        foreach (var service in _services)
            found.AddRange((await Traces.InDatabaseAsync(ServerAddress.Postgres(await ConnectionAsync(service)), word)).Select(row => $"{service} {row}"));
        found.AddRange((await Traces.InRedisAsync(ServerAddress.Redis(await ConnectionAsync("redis")), word)).Select(key => $"redis {key}"));
        var rabbit = await ConnectionAsync("rabbitmq");
        foreach (var service in _services)
        {
            if (await Traces.InQueueAsync(rabbit, $"{service}.events.dlq", word) is > 0 and var messages)
                found.Add($"{service}.events.dlq: {messages} messages");
            await Eventually.SeesAsync(() => Traces.WaitingAsync(rabbit, $"{service}.events"), n => n == 0, $"the queue of {service} to be empty");
        }
        return found;
    }

    private async Task<Leaver> RegisterAsync(string role)
    {
        // Letters and digits only: as one word it would be found in an index of words too.
        var word = "canary" + RandomNumberGenerator.GetString("abcdefghkmnpqrstuvwxyz", 12);
        var (email, password) = ($"{word}@mesh.talentsphere.example", mesh.Keep(RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20), "a leaver's password"));
        var client = mesh.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"agent-{word}/1.0");
        var registered = await client.PostAsync("/api/v1/auth/register", new { email, password, name = $"Ada {word}", role });
        registered.Status.ShouldBe(HttpStatusCode.Created, registered.Body);
        var token = mesh.Keep((await client.PostAsync("/api/v1/auth/login", new { email, password })).Data["accessToken"]!.GetValue<string>(), "an access token");
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return new(registered.Data["user"]!["id"]!.GetValue<Guid>(), email, password, word, client);
    }

    private async Task<JsonNode> ReceiptAsync(string path, Func<JsonNode, bool> accept, string what)
    {
        using var anonymous = mesh.Anonymous();
        return (await Eventually.SeesAsync(
            () => anonymous.AskAsync(path), a => a.Status == HttpStatusCode.OK && accept(a.Data), what, TimeSpan.FromSeconds(60))).Data;
    }

    private static IEnumerable<string> Waiting(JsonNode receipt) =>
        receipt["services"]!.AsArray().Where(s => s!["erasedAt"] is null).Select(s => s!["service"]!.GetValue<string>());

    private static async Task<Guid> Created(Task<Answer> answering)
    {
        var answer = await answering;
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Body);
        return answer.Id;
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private async Task<int> PidOfAsync(string service) =>
        (await mesh.Command.StatusAsync()).Resources.Single(r => r.Name == service).Pid ?? throw new InvalidOperationException($"{service} has no process");

    private async Task<string> ConnectionAsync(string name)
    {
        if (_connections.TryGetValue(name, out var known))
            return known;
        var outcome = await mesh.Command.RunAsync("connection", name);
        return outcome.ExitCode == 0 ? _connections[name] = outcome.Output.Trim() : throw new InvalidOperationException(outcome.ToString());
    }

    /// <summary>What the dashboard's buttons do.</summary>
    private async Task CommandAsync(string resource, string command)
    {
        var socket = Path.Combine(mesh.Command.State, "control.sock");
        var pointer = Path.Combine(mesh.Command.State, "control");
        if (!File.Exists(socket))
            socket = (await File.ReadAllTextAsync(pointer)).Trim();
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        });
        using var response = await http.PostAsync(new Uri($"http://mesh/resources/{resource}/{command}"), null);
        response.EnsureSuccessStatusCode();
    }

    private sealed record Leaver(Guid Id, string Email, string Password, string Word, HttpClient Client);
}
