using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Chaos;

/// <summary>What an absence of the broker came to.</summary>
internal sealed record OutageResult(
    TimeSpan Away, Latencies Before, Latencies During, int Refused, IReadOnlyDictionary<string, string> Readiness, TimeSpan CaughtUp, Verdict Verdict,
    Tally Tally)
{
    private const double _slower = 3;
    private static readonly TimeSpan _noise = TimeSpan.FromMilliseconds(20);

    /// <summary>Everything that does not hold: the comparison's findings, and the outage's own.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            var findings = Verdict.Findings.ToList();
            if (Refused > 0)
                findings.Add(new(Breach.Mismatch, $"{Refused} writes were not answered with 2xx"));
            if (During.P95 > (Before.P95 * _slower) + _noise)
                findings.Add(new(Breach.Mismatch, $"while the broker is away writes are slower: {During}; before: {Before}"));
            foreach (var (service, said) in Readiness.Where(r => r.Value != "200 degraded"))
                findings.Add(new(Breach.Mismatch, $"/ready of {service} says {said} instead of 200 degraded"));
            return findings;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        RabbitMQ away for {Away.TotalSeconds:0} s under load
          before   {Before}
          away     {During}; median × {During.Median / Before.Median:0.00}, p95 × {During.P95 / Before.P95:0.00}
          refused  {Refused}
          /ready   {string.Join(", ", Readiness.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} {r.Value}"))}
          back     everything had arrived {CaughtUp.TotalSeconds:0.0} s after the broker was asked to start
          {Verdict} (events {Verdict.Events}, deliveries {Verdict.Deliveries})
        """);
}

/// <summary>How long writes took.</summary>
internal sealed record Latencies(int Count, TimeSpan Median, TimeSpan P95)
{
    public static Latencies Of(IEnumerable<TimeSpan> samples)
    {
        var sorted = samples.Order().ToList();
        return sorted.Count == 0 ? new(0, TimeSpan.Zero, TimeSpan.Zero) : new(sorted.Count, sorted[sorted.Count / 2], sorted[(int)(sorted.Count * 0.95)]);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} writes, median {Median.TotalMilliseconds:0.0} ms, p95 {P95.TotalMilliseconds:0.0} ms");
}

/// <summary>Writes at a steady rate before, during and after an absence of the broker. Each write is tried once: it has to be answered.</summary>
internal sealed class BrokerOutage(ChaosMesh mesh)
{
    private const int _writers = 4;
    private const int _peoplePerWriter = 3;
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(160);
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _before = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan _after = TimeSpan.FromSeconds(4);

    private readonly ConcurrentBag<TimeSpan> _calm = [];
    private readonly ConcurrentBag<TimeSpan> _away = [];
    private volatile ConcurrentBag<TimeSpan>? _samples;
    private int _refused;

    public async Task<OutageResult> RunAsync(TimeSpan away, CancellationToken cancellationToken)
    {
        var run = new ChaosRun(mesh);
        var watch = Stopwatch.StartNew();
        var baseline = await run.BeginAsync(cancellationToken);
        var tally = new Tally();
        using var http = new ChaosHttp(mesh.Gateway, tally);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var playground = await ChaosRun.PrepareAsync(mesh, http, tally, cancellationToken, cancellationToken);
        var people = new List<Person>();
        for (var n = 0; n < _writers * _peoplePerWriter; n++)
            people.Add(await Life.RegisterAsync(playground, "jobseeker") ?? throw new MeshException("nobody could register"));

        var writers = people.Chunk(_peoplePerWriter).Select((group, n) => WriteAsync(playground, group, new Random(n), stop.Token)).ToList();
        await Task.Delay(_warmUp, cancellationToken);
        _samples = _calm;
        await Task.Delay(_before, cancellationToken);
        _samples = null;
        await mesh.Control.CommandAsync("rabbitmq", "stop", cancellationToken);
        _samples = _away;
        // The services notice the loss on their own connections; a third of the time is more than they need.
        await Task.Delay(away / 3, cancellationToken);
        var readiness = await ReadinessAsync(cancellationToken);
        await Task.Delay(away - (away / 3), cancellationToken);
        _samples = null;
        var back = Stopwatch.StartNew();
        await mesh.Control.CommandAsync("rabbitmq", "start", cancellationToken);
        await Task.Delay(_after, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        var stall = new Interference().Stall;
        await mesh.RestAsync(baseline, stall, cancellationToken);
        var caughtUp = back.Elapsed;
        var plan = new Plan(0, away, [], []);
        var result = await run.ConcludeAsync(plan, baseline, tally, http, watch, stall, cancellationToken);
        return new(away, Latencies.Of(_calm), Latencies.Of(_away), _refused, readiness, caughtUp, result.Verdict, tally);
    }

    private async Task WriteAsync(Playground playground, IReadOnlyList<Person> people, Random random, CancellationToken stop)
    {
        using var clock = new PeriodicTimer(_interval);
        var learners = people.Select(p => new Learner(p, playground)).ToList();
        try
        {
            while (await clock.WaitForNextTickAsync(stop))
                await WriteAsync(playground, learners[random.Next(learners.Count)], random);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task WriteAsync(Playground playground, Learner learner, Random random)
    {
        var (method, path, status, settle) = learner.Next(random);
        var watch = Stopwatch.StartNew();
        var reply = await playground.Http.TryAsync(method, path, learner.Person.Token, null);
        if (reply?.Status == status)
        {
            _samples?.Add(watch.Elapsed);
            settle(reply);
            return;
        }
        Interlocked.Increment(ref _refused);
        learner.Person.Unresolved = true;
        playground.Tally.Odd($"{method} {path} was answered with {reply?.Status.ToString(CultureInfo.InvariantCulture) ?? "nothing"}");
    }

    private async Task<IReadOnlyDictionary<string, string>> ReadinessAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var resource in (await mesh.Control.StatusAsync(cancellationToken)).Resources.Where(r => Plan.Services.Contains(r.Name)))
        {
            using var response = await http.GetAsync(new Uri(new Uri(resource.Urls![0]), "/ready"), cancellationToken);
            var body = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
            said[resource.Name] = $"{(int)response.StatusCode} {body?["status"]}";
        }
        return said;
    }

    /// <summary>
    /// A person who leaves one course and comes back, over and over, and completes the lessons of the others: each write brings at least one event.
    /// </summary>
    private sealed class Learner(Person person, Playground playground)
    {
        private readonly Queue<(CourseOutline Course, Guid Lesson)> _lessons = new(playground.Courses.Skip(1).SelectMany(c => c.Lessons.Select(l => (c, l))));
        private readonly HashSet<Guid> _enrolled = [];
        private Guid? _place;

        public Person Person => person;

        public (HttpMethod Method, string Path, int Status, Action<Reply> Settle) Next(Random random)
        {
            if (_lessons.Count == 0 || random.Next(2) == 0)
                return _place is { } place ? Leave(place) : Enroll(playground.Courses[0], id => _place = id);
            var (course, lesson) = _lessons.Peek();
            return _enrolled.Contains(course.Id) ? Complete(course, lesson) : Enroll(course, _ => _enrolled.Add(course.Id));
        }

        private (HttpMethod, string, int, Action<Reply>) Enroll(CourseOutline course, Action<Guid> note) =>
            (HttpMethod.Post, $"/api/v1/courses/{course.Id}/enroll", 201, reply => Enrolled(course, reply, note));

        private void Enrolled(CourseOutline course, Reply reply, Action<Guid> note)
        {
            playground.Tally.Again("lms.enrollment.created", $"{person.Id}/{course.Id}");
            note(reply.Id);
        }

        private (HttpMethod, string, int, Action<Reply>) Leave(Guid place) => (HttpMethod.Delete, $"/api/v1/enrollments/{place}", 204, _ => Left());

        private void Left()
        {
            playground.Tally.Again("lms.enrollment.cancelled", $"{person.Id}/{playground.Courses[0].Id}");
            _place = null;
        }

        private (HttpMethod, string, int, Action<Reply>) Complete(CourseOutline course, Guid lesson) =>
            (HttpMethod.Post, $"/api/v1/lessons/{lesson}/complete", 200, reply => Completed(course, lesson, reply));

        private void Completed(CourseOutline course, Guid lesson, Reply reply)
        {
            _lessons.Dequeue();
            playground.Tally.Once("lms.lesson.completed", $"{person.Id}/{lesson}");
            if (reply.Data["certificateId"]?.GetValue<Guid>() is not { } certificate)
                return;
            playground.Tally.Once("lms.course.completed", $"{person.Id}/{course.Id}");
            playground.Tally.Once("lms.certificate.issued", certificate.ToString());
        }
    }
}
