using System.Globalization;

namespace TalentSphere.Cli.Chaos;

/// <summary>What is done to a part of the mesh.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL; the mesh starts it again.</summary>
    Kill,

    /// <summary>Stopped in order, and started again after a while.</summary>
    Away,

    /// <summary>
    /// Some published events of a service are marked as unpublished, so that its relay sends them a second time: what a crash between the broker's
    /// confirmation and the mark leaves behind, which a kill hardly ever hits.
    /// </summary>
    Republish,
}

/// <summary>One fault.</summary>
/// <param name="At">Since the beginning of the run.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Target">To which resource.</param>
/// <param name="Down">For how long it stays stopped; zero for the other kinds.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, string Target, TimeSpan Down)
{
    public override string ToString()
    {
        var what = Kind switch
        {
            FaultKind.Kill => $"kill -9 {Target}",
            FaultKind.Away => string.Create(CultureInfo.InvariantCulture, $"{Target} away {Down.TotalSeconds:0.0} s"),
            _ => $"{Target} publishes again",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds:0.0} s {what}");
    }
}

/// <summary>What happens in one run: the same for the same seed and options, whatever the mesh answers.</summary>
/// <param name="Seed">Everything is drawn from it.</param>
/// <param name="Duration">For how long clients write.</param>
/// <param name="Faults">In the order of their times.</param>
/// <param name="Clients">The seed of each client's own steps.</param>
internal sealed record Plan(int Seed, TimeSpan Duration, IReadOnlyList<Fault> Faults, IReadOnlyList<int> Clients)
{
    /// <summary>The services that publish and hear events; the relay lives in each of them.</summary>
    public static IReadOnlyList<string> Services { get; } = ["auth", "lms", "challenges", "jobs", "gamification", "notification"];

    /// <summary>Draws a plan: every service is killed at least once, and so is the broker.</summary>
    public static Plan Draw(int seed, TimeSpan duration, int clients)
    {
        var random = new Random(seed);
        TimeSpan Between(double from, double to) => duration * (from + (random.NextDouble() * (to - from)));
        TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from)));

        var faults = new List<Fault>();
        foreach (var service in Services.Append("gateway"))
            faults.Add(new(Between(0.05, 0.95), FaultKind.Kill, service, TimeSpan.Zero));
        for (var extra = (int)(duration.TotalSeconds / 15); extra > 0; extra--)
            faults.Add(new(Between(0.05, 0.95), FaultKind.Kill, Services[random.Next(Services.Count)], TimeSpan.Zero));
        // Both in every run, in either order; between them the broker is back.
        var killFirst = random.Next(2) == 0;
        faults.Add(new(Between(0.1, 0.3), killFirst ? FaultKind.Kill : FaultKind.Away, "rabbitmq", killFirst ? TimeSpan.Zero : Seconds(1, 4)));
        faults.Add(new(Between(0.6, 0.85), killFirst ? FaultKind.Away : FaultKind.Kill, "rabbitmq", killFirst ? Seconds(1, 4) : TimeSpan.Zero));
        faults.Add(new(Between(0.2, 0.8), FaultKind.Away, "postgres", Seconds(0.5, 3)));
        faults.Add(new(Between(0.1, 0.9), FaultKind.Away, "redis", Seconds(0, 1)));
        for (var n = 0; n < 4; n++)
            faults.Add(new(Between(0.2, 1), FaultKind.Republish, Services[random.Next(Services.Count)], TimeSpan.Zero));
        return new(seed, duration, [.. faults.OrderBy(f => f.At)], [.. Enumerable.Range(0, clients).Select(_ => random.Next())]);
    }
}

/// <summary>What a client does next; which course, lesson or job the numbers mean is a matter of what there is.</summary>
/// <param name="Kind">The step.</param>
/// <param name="A">The first choice.</param>
/// <param name="B">The second choice.</param>
/// <param name="Pause">Before the step after it.</param>
internal readonly record struct Step(StepKind Kind, int A, int B, TimeSpan Pause);

/// <summary>The steps of learners, employers and authors.</summary>
internal enum StepKind
{
    Register,
    Lesson,
    LessonTwice,
    Finish,
    Leave,
    Apply,
    Withdraw,
    Read,
    Submit,
    SignInAgain,
    Post,
    Update,
    Review,
    Close,
    Author,
}

/// <summary>The endless, reproducible stream of a client's steps.</summary>
internal static class Steps
{
    private static readonly (StepKind Kind, int Weight)[] _learner =
    [
        (StepKind.Lesson, 46), (StepKind.LessonTwice, 12), (StepKind.Finish, 4), (StepKind.Leave, 4), (StepKind.Apply, 10), (StepKind.Withdraw, 2),
        (StepKind.Read, 14), (StepKind.Submit, 4), (StepKind.SignInAgain, 4),
    ];

    private static readonly (StepKind Kind, int Weight)[] _employer =
        [(StepKind.Review, 70), (StepKind.Update, 12), (StepKind.Post, 10), (StepKind.Close, 5), (StepKind.Read, 3)];

    /// <summary>One person after another: each registers and lives for some twenty steps.</summary>
    public static IEnumerable<Step> OfLearner(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            yield return Draw(random, StepKind.Register);
            for (var left = random.Next(15, 35); left > 0; left--)
                yield return Draw(random, Choose(random, _learner));
        }
    }

    /// <summary>One company, which posts and decides.</summary>
    public static IEnumerable<Step> OfEmployer(int seed)
    {
        var random = new Random(seed);
        yield return Draw(random, StepKind.Register);
        yield return Draw(random, StepKind.Post);
        yield return Draw(random, StepKind.Post);
        while (true)
            yield return Draw(random, Choose(random, _employer));
    }

    /// <summary>People whom the admin makes instructors, each of whom writes a course.</summary>
    public static IEnumerable<Step> OfAuthor(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            yield return Draw(random, StepKind.Register);
            yield return Draw(random, StepKind.Author) with { Pause = TimeSpan.FromMilliseconds(random.Next(1500, 4000)) };
        }
    }

    private static Step Draw(Random random, StepKind kind) => new(kind, random.Next(), random.Next(), TimeSpan.FromMilliseconds(random.Next(10, 90)));

    private static StepKind Choose(Random random, (StepKind Kind, int Weight)[] from)
    {
        var at = random.Next(from.Sum(f => f.Weight));
        foreach (var (kind, weight) in from)
        {
            if ((at -= weight) < 0)
                return kind;
        }
        throw new InvalidOperationException("Unreachable: the weights were summed up.");
    }
}
