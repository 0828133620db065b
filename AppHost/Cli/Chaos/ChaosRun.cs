using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Chaos;

/// <summary>How a run ended.</summary>
/// <param name="Plan">What was to happen.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Tally">What the clients were told.</param>
/// <param name="Done">The faults as they really happened.</param>
/// <param name="Elapsed">With the waiting for rest.</param>
internal sealed record ChaosResult(Plan Plan, Verdict Verdict, Tally Tally, IReadOnlyList<string> Done, TimeSpan Elapsed)
{
    /// <summary>The run on one line; every number is counted on its own.</summary>
    public override string ToString()
    {
        var more = $"events {Verdict.Events}, deliveries {Verdict.Deliveries}, effects {Verdict.Effects}, tries without an answer {Tally.Unanswered}";
        return string.Create(
            CultureInfo.InvariantCulture, $"seed {Plan.Seed}: {Verdict} ({more}, {Elapsed.TotalSeconds:0} s; faults: {string.Join(", ", Done)})");
    }
}

/// <summary>What a test may do to a run from outside.</summary>
internal sealed record Interference
{
    /// <summary>How long nothing may move before a run takes it that nothing will.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Before the first write; the mesh is at rest.</summary>
    public Func<ChaosMesh, CancellationToken, Task>? Before { get; init; }

    /// <summary>After the last write, before the mesh comes to rest.</summary>
    public Func<ChaosMesh, Baseline, CancellationToken, Task>? After { get; init; }
}

/// <summary>One run of the kill test on a mesh.</summary>
internal sealed class ChaosRun(ChaosMesh mesh)
{
    /// <summary>Clients of a run: learners, and beside them an employer and an author.</summary>
    public const int Learners = 8;

    private const int _enough = 60;
    private const int _longest = 5;
    private static readonly TimeSpan _patienceOfClients = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _done = new();

    public async Task<ChaosResult> RunAsync(Plan plan, Interference interference, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var baseline = await BeginAsync(cancellationToken);
        if (interference.Before is { } before)
            await before(mesh, cancellationToken);
        var tally = new Tally();
        using var http = new ChaosHttp(mesh.Gateway, tally);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var playground = await PrepareAsync(mesh, http, tally, deadline.Token, cancellationToken);

        deadline.CancelAfter((plan.Duration * _longest) + _patienceOfClients);
        var clients = plan.Clients.Select((seed, n) => (n - Learners) switch
        {
            < 0 => new ChaosClient(playground, "jobseeker").RunAsync(Steps.OfLearner(seed), stop.Token),
            0 => new ChaosClient(playground, "employer").RunAsync(Steps.OfEmployer(seed), stop.Token),
            _ => new ChaosClient(playground, "jobseeker").RunAsync(Steps.OfAuthor(seed), stop.Token),
        });
        var lanes = plan.Faults.GroupBy(f => f.Target).Select(lane => InflictAsync(lane, baseline, cancellationToken));
        await Task.WhenAll([StopAsync(plan, tally, stop), .. clients, .. lanes]);
        if (interference.After is { } after)
            await after(mesh, baseline, cancellationToken);
        return await ConcludeAsync(plan, baseline, tally, http, watch, interference.Stall, cancellationToken);
    }

    /// <summary>
    /// Ends the writing when its time is up; on a machine that is busy with other things not before enough has been written to prove anything.
    /// </summary>
    private static async Task StopAsync(Plan plan, Tally tally, CancellationTokenSource stop)
    {
        var watch = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested && (watch.Elapsed < plan.Duration || (tally.Claims.Count < _enough && watch.Elapsed < plan.Duration * _longest)))
            await Task.Delay(100, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
    }

    /// <summary>Waits for rest, and notes where the run begins.</summary>
    public async Task<Baseline> BeginAsync(CancellationToken cancellationToken)
    {
        await mesh.RestAsync(await mesh.Evidence.BaselineAsync(cancellationToken), new Interference().Stall, cancellationToken);
        return await mesh.Evidence.BaselineAsync(cancellationToken);
    }

    /// <summary>Signs the admin in and looks at what there is to learn.</summary>
    public static async Task<Playground> PrepareAsync(
        ChaosMesh mesh, ChaosHttp http, Tally tally, CancellationToken deadline, CancellationToken cancellationToken)
    {
        async Task<Reply> SeeAsync(string path) =>
            (await http.AskAsync(HttpMethod.Get, path, null, null, cancellationToken)).Reply ?? throw new MeshException($"{path} did not answer");

        var courses = new List<CourseOutline>();
        // Those of earlier runs are left out: the sample courses are the same in every mesh.
        static bool IsSample(JsonNode course) => !course["title"]!.GetValue<string>().StartsWith("What breaks", StringComparison.Ordinal);
        foreach (var course in (await SeeAsync("/api/v1/courses?limit=100")).Items.Where(IsSample))
        {
            var outline = (await SeeAsync($"/api/v1/courses/{course["id"]}")).Data;
            courses.Add(new(
                outline["id"]!.GetValue<Guid>(),
                [.. outline["sections"]!.AsArray().SelectMany(s => s!["lessons"]!.AsArray()).Select(l => l!["id"]!.GetValue<Guid>())]));
        }
        var challenges = (await SeeAsync("/api/v1/challenges?limit=100")).Items.Select(c => c["id"]!.GetValue<Guid>()).Order().ToList();
        var playground = new Playground(http, tally, new Person(Guid.Empty, "", ""))
        {
            Courses = [.. courses.OrderBy(c => c.Id)],
            Challenges = challenges,
            Deadline = deadline,
        };
        var password = await mesh.Control.ParameterAsync("seed-password", cancellationToken);
        var admin = await Life.SignInAsync(playground, "admin@talentsphere.example", password) ?? throw new MeshException("the admin could not sign in");
        playground.Admin.Token = admin.Token;
        return playground;
    }

    /// <summary>Waits for rest and compares.</summary>
    public async Task<ChaosResult> ConcludeAsync(
        Plan plan, Baseline baseline, Tally tally, ChaosHttp http, Stopwatch watch, TimeSpan stall, CancellationToken cancellationToken)
    {
        await mesh.RestAsync(baseline, stall, cancellationToken);
        var evidence = await mesh.Evidence.ReadAsync(baseline, cancellationToken);
        var verdict = Checker.Judge(tally.Claims, tally.Maybes, evidence);
        var asked = await AskPeopleAsync(tally, evidence, http, cancellationToken);
        return new(plan, verdict with { Findings = [.. verdict.Findings, .. asked] }, tally, [.. _done], watch.Elapsed);
    }

    /// <summary>What people see over HTTP is what they were promised: the points of their acknowledged facts, and each notification once.</summary>
    private static async Task<List<Finding>> AskPeopleAsync(Tally tally, Evidence evidence, ChaosHttp http, CancellationToken cancellationToken)
    {
        var points = Checker.PointsOf(tally.Claims.Keys);
        var notices = evidence.Notices.GroupBy(n => n.UserId).ToDictionary(g => g.Key, g => g.Count());
        var findings = new List<Finding>();
        foreach (var person in tally.People.Where(p => p.Token.Length > 0))
        {
            var (me, _) = await http.AskAsync(HttpMethod.Get, "/api/v1/gamification/me", () => person.Token, null, cancellationToken);
            var (told, _) = await http.AskAsync(HttpMethod.Get, "/api/v1/notifications?limit=1", () => person.Token, null, cancellationToken);
            var has = me?.Data["points"]!.GetValue<int>() ?? -1;
            var due = points.GetValueOrDefault(person.Id);
            if (person.Unresolved ? has < due : has != due)
                findings.Add(new(Breach.Mismatch, $"{person.Id} sees {has} points, the acknowledged facts are worth {due}"));
            var sees = told?.Json?["meta"]?["total"]?.GetValue<int>() ?? -1;
            if (sees != notices.GetValueOrDefault(person.Id))
                findings.Add(new(Breach.Mismatch, $"{person.Id} sees {sees} notifications, there are {notices.GetValueOrDefault(person.Id)}"));
        }
        return findings;
    }

    /// <summary>The faults of one target, one after the other.</summary>
    private async Task InflictAsync(IEnumerable<Fault> faults, Baseline baseline, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        foreach (var fault in faults.OrderBy(f => f.At))
        {
            if (fault.At > watch.Elapsed)
                await Task.Delay(fault.At - watch.Elapsed, cancellationToken);
            var at = watch.Elapsed;
            switch (fault.Kind)
            {
                case FaultKind.Kill:
                    await mesh.KillAsync(fault.Target, cancellationToken);
                    break;
                case FaultKind.Away:
                    await mesh.Control.CommandAsync(fault.Target, "stop", cancellationToken);
                    await Task.Delay(fault.Down, cancellationToken);
                    await mesh.Control.CommandAsync(fault.Target, "start", cancellationToken);
                    break;
                case FaultKind.Republish:
                    await mesh.RepublishAsync(fault.Target, baseline, count: 10, cancellationToken);
                    break;
            }
            _done.Enqueue((fault with { At = at }).ToString());
        }
    }
}
