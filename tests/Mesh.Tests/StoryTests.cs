using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using TalentSphere.Cli.Demo;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>The story that the platform is for, end to end.</summary>
public sealed class StoryTests(MeshFixture mesh)
{
    /// <summary>Which route tells that a service serves, asked with a token.</summary>
    private static readonly Dictionary<string, string> _routes = new()
    {
        ["auth"] = "/.well-known/jwks.json",
        ["lms"] = "/api/v1/courses?limit=1",
        ["challenges"] = "/api/v1/challenges?limit=1",
        ["jobs"] = "/api/v1/companies?limit=1",
        ["gamification"] = "/api/v1/gamification/badges",
        ["notification"] = "/api/v1/notifications/unread-count",
    };

    [Fact]
    public async Task The_story_holds_also_told_twice_at_the_same_time()
    {
        Ends(await mesh.TellAsync(new Listener()));
        foreach (var result in await Task.WhenAll(mesh.TellAsync(new Listener()), mesh.TellAsync(new Listener())))
            Ends(result);
    }

    [Fact]
    public async Task No_answer_of_the_story_holds_a_password_or_somebody_elses_token()
    {
        var teller = new Listener();
        await mesh.TellAsync(teller);
        var passwords = mesh.Secrets.Where(s => !s.Value.EndsWith("token", StringComparison.Ordinal)).Select(s => s.Key).ToList();
        var tokens = mesh.Secrets.Where(s => s.Value.EndsWith("token", StringComparison.Ordinal)).Select(s => s.Key).ToList();
        WhereOne(passwords, teller.Exchanges).ShouldBeEmpty();
        // Signing in answers with tokens; nothing else does.
        WhereOne(tokens, teller.Exchanges.Where(e => !e.Path.StartsWith("/api/v1/auth/", StringComparison.Ordinal))).ShouldBeEmpty();

        static IEnumerable<string> WhereOne(List<string> secrets, IEnumerable<StoryExchange> exchanges) =>
            exchanges.Where(e => secrets.Exists(s => e.Body.Contains(s, StringComparison.Ordinal))).Select(e => e.Path);
    }

    [Fact]
    public async Task What_follows_from_a_request_carries_its_correlation_id()
    {
        var result = await mesh.TellAsync(new Listener());
        string IdOf(string step) => result.Steps.Single(s => s.Name.StartsWith(step, StringComparison.Ordinal)).CorrelationId;
        string[] Kinds(string step) => [.. result.Notifications.Where(n => n.CorrelationId == IdOf(step)).Select(n => n.Kind).Distinct().Order()];
        Kinds("Ada Sommer registers").ShouldBe(["badge-earned", "points-awarded", "welcome"]);
        Kinds("She enrols").ShouldBe(["course-enrolled"]);
        Kinds("She completes").ShouldBe(["badge-earned", "certificate-issued", "course-completed", "level-reached", "points-awarded"]);
        if (result.HostileVerdict is not null)
        {
            Kinds("She hands in a solution").ShouldBe(["submission-rejected"]);
            Kinds("She mends it").ShouldBe(["badge-earned", "points-awarded", "submission-approved"]);
            Kinds("She hands in hers once more").ShouldBe(["submission-approved"]);
        }
        Kinds("He moves it to accepted").ShouldBe(["application-moved"]);
        await Eventually.TrueAsync(
            () => mesh.Command.ReadLogs().Count(l => l.Text.Contains(IdOf("She completes"), StringComparison.Ordinal)) >= 2,
            "the step's correlation id in the logs of gateway and lms");
    }

    [Fact]
    public async Task The_story_ends_the_same_while_each_service_is_killed_in_turn()
    {
        using var killer = new Killer(mesh, (await mesh.RegisterAsync("jobseeker")).Token);
        var result = await mesh.TellAsync(killer);
        await killer.LastWatch;
        Ends(result, afterKills: true);
        killer.Killed.ShouldBe(_routes.Keys, ignoreOrder: true);
        result.FeedBreaks.ShouldBeGreaterThan(0);
        var status = await Eventually.SeesAsync(mesh.Command.StatusAsync, s => s.Mesh.Healthy, "the mesh to be healthy again");
        foreach (var service in _routes.Keys)
            status.Resources.Single(r => r.Name == service).Restarts.ShouldBeGreaterThan(0, service);
        // And once more, on what the kills left behind.
        Ends(await mesh.TellAsync(new Listener()));
    }

    private static void Ends(StoryResult result, bool afterKills = false)
    {
        result.Percent.ShouldBe(100);
        result.Certificates.Count.ShouldBe(1);
        result.Lessons.ShouldBe(8);
        // Where no judge can work the story is shorter, and holds all the same.
        var isJudged = result.HostileVerdict is not null;
        result.Points.ShouldBe(10 + (20 * result.Lessons) + 200 + (isJudged ? 50 : 0));
        result.Level.ShouldBe(3);
        result.LedgerEntries.ShouldBe(result.Lessons + (isJudged ? 3 : 2));
        result.ApplicationStatus.ShouldBe("accepted");
        result.Verdicts.ShouldBe(isJudged ? ["wrong-answer", "accepted", "accepted"] : []);
        result.HostileVerdict.ShouldBe(isJudged ? "runtime-error" : null);
        result.Notifications.Select(n => n.Id).ShouldBeUnique();
        result.Heard.ShouldBeUnique();
        result.Steps.Count.ShouldBe(isJudged ? 27 : 22);
        if (!afterKills)
            result.FeedBreaks.ShouldBe(0);
    }

    /// <summary>Listens and remembers.</summary>
    private class Listener : IStoryTeller
    {
        private readonly ConcurrentQueue<StoryExchange> _exchanges = new();

        public IReadOnlyCollection<StoryExchange> Exchanges => _exchanges;

        public void Chapter(string title) => TestContext.Current.TestOutputHelper?.WriteLine(title);

        public virtual Task BeginsAsync(string step) => Task.CompletedTask;

        public virtual void Answered(StoryExchange exchange) => _exchanges.Enqueue(exchange);

        public void Waits(string reason) => TestContext.Current.TestOutputHelper?.WriteLine("   waiting: " + reason);

        public void Ends(StoryStep step) => TestContext.Current.TestOutputHelper?.WriteLine($"   {step}");
    }

    /// <summary>
    /// Kills a service (SIGKILL) at the moment when the story needs it most, and watches what the gateway says meanwhile. The next one
    /// is killed when the one before is back.
    /// </summary>
    private sealed class Killer(MeshFixture mesh, string token) : Listener, IDisposable
    {
        private const int _lessonsBeforeTheEnd = 5;

        private static readonly Dictionary<string, string> _atTheBeginningOf = new()
        {
            ["An admin looks her up"] = "auth",
            ["She gets her certificate"] = "gamification",
            ["He posts a job"] = "jobs",
            ["He reads her application"] = "notification",
            ["She hands in a solution"] = "challenges",
        };

        private readonly HttpClient _client = mesh.WithToken(token);
        private readonly List<string> _killed = [];
        private int _lessons;
        private int _lms;

        public IReadOnlyList<string> Killed => _killed;

        public Task LastWatch { get; private set; } = Task.CompletedTask;

        public override async Task BeginsAsync(string step)
        {
            if (step.StartsWith("She completes", StringComparison.Ordinal))
            {
                await LastWatch;
                _lms = await PidOfAsync("lms");
            }
            else if (_atTheBeginningOf.TryGetValue(step, out var service))
            {
                await LastWatch;
                Kill(service, await PidOfAsync(service));
            }
        }

        public override void Answered(StoryExchange exchange)
        {
            // In the middle of the lessons: some are done, some under way, some have not arrived.
            var completed = exchange is { Method: "POST", Status: 200 } && exchange.Path.EndsWith("/complete", StringComparison.Ordinal);
            if (completed && Interlocked.Increment(ref _lessons) == _lessonsBeforeTheEnd)
                Kill("lms", _lms);
        }

        public void Dispose() => _client.Dispose();

        private async Task<int> PidOfAsync(string service) =>
            (await mesh.Command.StatusAsync()).Resources.Single(r => r.Name == service).Pid ?? throw new InvalidOperationException($"{service} has no process");

        private void Kill(string service, int pid)
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            _killed.Add(service);
            LastWatch = WatchAsync(service);
        }

        private async Task WatchAsync(string service)
        {
            // An address of its own each time: what the gateway has kept it would go on answering.
            Task<Answer> AskAsync() => _client.AskAsync($"{_routes[service]}{(_routes[service].Contains('?') ? '&' : '?')}at={Guid.CreateVersion7():N}");
            var away = await Eventually.SeesAsync(AskAsync, a => a.Status == HttpStatusCode.ServiceUnavailable, $"503 for {service}, which was killed");
            away.Headers.RetryAfter.ShouldNotBeNull(service);
            away.Code.ShouldBe("UPSTREAM_UNAVAILABLE");
            foreach (var (other, route) in _routes.Where(r => r.Key != service))
                (await _client.AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK, $"{other} while {service} is away");
            await Eventually.SeesAsync(AskAsync, a => a.Status == HttpStatusCode.OK, $"{service} to come back by itself", TimeSpan.FromSeconds(60));
        }
    }
}
