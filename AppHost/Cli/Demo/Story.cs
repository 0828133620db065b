using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Demo;

/// <summary>How a seeded account signs in.</summary>
/// <param name="Email">Its address.</param>
/// <param name="Password">Its password; never printed.</param>
public sealed record StoryCredentials(string Email, string Password);

/// <summary>
/// What TalentSphere is for, told over HTTP through the gateway on the sample content: a person joins, learns, is rewarded, applies and
/// is hired, and hears of each fact exactly once. Every sentence is a claim that is checked; the first that does not hold ends the
/// story with a <see cref="StoryException"/>. It can be told any number of times, and while services die and come back.
/// </summary>
/// <param name="gateway">The gateway's address.</param>
/// <param name="credentials">The seeded account of a role.</param>
/// <param name="teller">Hears the story.</param>
public sealed partial class Story(Uri gateway, Func<string, CancellationToken, Task<StoryCredentials>> credentials, IStoryTeller teller)
{
    private const int _pointsForRegistration = 10;
    private const int _pointsForLesson = 20;
    private const int _pointsForCourse = 200;

    private readonly ConcurrentDictionary<string, string> _secrets = new();
    private readonly List<StoryStep> _steps = [];

    /// <summary>Every password and token that the story used, and which of them it is, for making sure that none shows up anywhere.</summary>
    public IReadOnlyDictionary<string, string> Secrets => _secrets;

    /// <summary>The level that so many points reach: level n needs 50·n·(n−1).</summary>
    public static int LevelOf(int points)
    {
        var level = 1;
        while (50 * (level + 1) * level <= points)
            level++;
        return level;
    }

    /// <summary>Tells it.</summary>
    /// <exception cref="StoryException">A claim did not hold.</exception>
    public async Task<StoryResult> TellAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var api = new StoryClient(gateway, teller);

        teller.Chapter("A person joins");
        var person = await JoinAsync(api, "Ada Sommer", "jobseeker", cancellationToken);
        var before = await BeWelcomedAsync(api, person, cancellationToken);
        await CountAccountsAsync(api, person, cancellationToken);
        await using var feed = await StepAsync(api, "She opens the live feed", async () =>
        {
            var opened = await LiveFeed.OpenAsync(gateway, "/hubs/notifications", "notification", person.Token, cancellationToken);
            return (opened, "connected to /hubs/notifications");
        });

        teller.Chapter("She learns");
        var learning = await LearnAsync(api, person, cancellationToken);
        var standing = await EarnAsync(api, person, learning, cancellationToken);

        teller.Chapter("She is hired");
        var hiring = await HireAsync(api, person, cancellationToken);

        teller.Chapter("She takes a challenge");
        var solving = await SolveAsync(api, person, standing, cancellationToken);

        teller.Chapter("Each fact once");
        var notifications = await ReconcileAsync(api, person, learning, hiring, solving, feed, before, cancellationToken);
        var final = await StandingAsync(api, person, cancellationToken);
        Claim(api, final == solving.Standing, $"the points moved after everything had been counted: {solving.Standing}, then {final}");
        return new StoryResult
        {
            UserId = person.Id,
            Course = learning.Title,
            Lessons = learning.Lessons.Count,
            Percent = learning.Percent,
            Certificates = learning.Certificates,
            Points = final.Points,
            Level = final.Level,
            LedgerEntries = final.Entries,
            ApplicationStatus = hiring.Status,
            Verdicts = [.. solving.Verdicts.Select(v => v.Verdict)],
            HostileVerdict = solving.Hostile,
            Notifications = notifications,
            Heard = [.. feed.Heard.Select(n => n.Id())],
            FeedBreaks = feed.Breaks,
            Waits = api.Waits,
            Steps = [.. _steps],
            Elapsed = watch.Elapsed,
        };
    }

    private async Task<Person> JoinAsync(StoryClient api, string name, string role, CancellationToken cancellationToken) =>
        await StepAsync(api, $"{name} registers as {role}", async () =>
        {
            api.BeginPerson();
            var email = $"{name.Split(' ')[0].ToLowerInvariant()}.{api.Run}{RandomNumberGenerator.GetHexString(4, lowercase: true)}@story.talentsphere.example";
            var password = Keep(RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", 20), "password");
            var answer = await api.PostAsync("/api/v1/auth/register", null, new { email, password, name, role }, cancellationToken);
            // The account is there already: its answer was lost.
            var signedIn = answer is { Status: 409, Code: "AUTH_003", Repeated: true }
                ? await SignInAsync(api, new(email, password), cancellationToken)
                : Read(api, Expect(api, answer, 201, "registering"));
            Claim(api, signedIn.Roles.SequenceEqual([role]), $"the new account has the roles {string.Join(", ", signedIn.Roles)}");
            return (signedIn with { Email = email }, $"{email}, signed in");
        });

    private async Task<Person> SignInAsync(StoryClient api, StoryCredentials account, CancellationToken cancellationToken)
    {
        Keep(account.Password, "password");
        api.BeginPerson();
        var answer = await api.PostAsync("/api/v1/auth/login", null, new { email = account.Email, password = account.Password }, cancellationToken);
        return Read(api, Expect(api, answer, 200, "signing in")) with { Email = account.Email };
    }

    private Person Read(StoryClient api, StoryAnswer answer)
    {
        var user = answer.Data["user"] ?? throw new StoryException("Signing in told nothing of the account.") { CorrelationId = api.CorrelationId };
        Keep(answer.Data.Text("refreshToken"), "refresh token");
        return new(user.Id(), "", Keep(answer.Data.Text("accessToken"), "access token"), [.. user["roles"]!.AsArray().Select(r => r!.GetValue<string>())]);
    }

    /// <summary>Returns what she had been told before she opened the live feed.</summary>
    private async Task<IReadOnlySet<Guid>> BeWelcomedAsync(StoryClient api, Person person, CancellationToken cancellationToken) =>
        await StepAsync(api, "She is welcomed", async () =>
        {
            await api.UntilAsync(
                () => StandingAsync(api, person, cancellationToken), s => s.Points == _pointsForRegistration, s => s.ToString(),
                $"{_pointsForRegistration} points for registering", cancellationToken);
            var told = await api.UntilAsync(
                () => ToldAsync(api, person, cancellationToken),
                told => told.Any(n => n.Kind == "welcome") && told.Any(n => n.Kind == "points-awarded") && told.Any(n => n.Kind == "badge-earned"),
                Describe, "a welcome, and word of the first points and the first badge", cancellationToken);
            var welcome = told.Single(n => n.Kind == "welcome");
            return ((IReadOnlySet<Guid>)told.Select(n => n.Id).ToHashSet(), $"{_pointsForRegistration} points, and “{welcome.Title}”");
        });

    private async Task CountAccountsAsync(StoryClient api, Person person, CancellationToken cancellationToken) =>
        await StepAsync(api, "An admin looks her up", async () =>
        {
            var admin = await SignInAsync(api, await credentials("admin", cancellationToken), cancellationToken);
            var found = await SeeAsync(api, $"/api/v1/auth/users?q={Uri.EscapeDataString(person.Email)}", admin.Token, "listing accounts", cancellationToken);
            Claim(api, found.Items.Count() == 1, $"there are {found.Items.Count()} accounts under {person.Email}");
            return (true, "one account under her address");
        });

    private async Task<Learning> LearnAsync(StoryClient api, Person person, CancellationToken cancellationToken)
    {
        const string wanted = "Git that you can trust";
        var (courseId, lessons) = await StepAsync(api, $"She finds “{wanted}”", async () =>
        {
            var found = await api.UntilAsync(
                async () => (await SeeAsync(api, $"/api/v1/courses?q={Uri.EscapeDataString(wanted)}&limit=100", null, "browsing courses", cancellationToken))
                    .Items.Where(c => c.Text("title") == wanted).ToList(),
                courses => courses.Count > 0, _ => "nothing", $"a course “{wanted}” among the sample courses", cancellationToken);
            var id = found[0].Id();
            var course = (await SeeAsync(api, $"/api/v1/courses/{id}", null, "reading the course", cancellationToken)).Data;
            List<Guid> outline = [.. course["sections"]!.AsArray().SelectMany(s => s!["lessons"]!.AsArray()).Select(l => l!.Id())];
            Claim(api, outline.Count > 0, "the course has no lesson");
            return ((id, outline), $"{outline.Count} lessons, {course.Number("minutes")} minutes");
        });

        var enrollment = await StepAsync(api, "She enrols", async () =>
        {
            var path = $"/api/v1/courses/{courseId}/enroll";
            var first = await api.PostAsync(path, person.Token, null, cancellationToken);
            var isThere = first is { Status: 409, Code: "LMS_ALREADY_ENROLLED", Repeated: true };
            var id = isThere ? await EnrollmentAsync(api, person, courseId, cancellationToken) : Expect(api, first, 201, "enrolling").Data.Id();
            Expect(api, await api.PostAsync(path, person.Token, null, cancellationToken), 409, "enrolling again", "LMS_ALREADY_ENROLLED");
            var lesson = (await SeeAsync(api, $"/api/v1/lessons/{lessons[0]}", person.Token, "reading the first lesson", cancellationToken)).Data;
            return (id, $"enrolled once; the first lesson has {lesson.Text("content").Length:N0} characters to read");
        });

        await StepAsync(api, "She completes every lesson twice, all at once", async () =>
        {
            var answers = await Task.WhenAll(
                lessons.Concat(lessons).Select(l => api.PostAsync($"/api/v1/lessons/{l}/complete", person.Token, null, cancellationToken)));
            foreach (var answer in answers)
                Expect(api, answer, 200, "completing a lesson");
            return (true, $"{answers.Length} times 200");
        });

        var (percent, certificates) = await StepAsync(api, "She gets her certificate", async () =>
        {
            var progress = (await SeeAsync(api, $"/api/v1/progress/{courseId}", person.Token, "reading the progress", cancellationToken)).Data;
            Claim(api, progress.Number("percent") == 100, $"the progress is {progress["percent"]} and not 100");
            var mine = (await SeeAsync(api, "/api/v1/certificates?limit=100", person.Token, "listing certificates", cancellationToken)).Items.ToList();
            Claim(api, mine.Count == 1, $"there are {mine.Count} certificates instead of one");
            var id = mine[0].Id();
            Claim(api, id == progress.Id("certificateId"), "the progress names another certificate");
            // Whoever is shown it can check it, without an account.
            await SeeAsync(api, $"/api/v1/certificates/{id}", null, "verifying the certificate", cancellationToken);
            return ((100, new[] { id }), $"progress 100, certificate {mine[0].Text("serial")}");
        });
        return new(courseId, wanted, lessons, enrollment, percent, certificates);
    }

    private async Task<Guid> EnrollmentAsync(StoryClient api, Person person, Guid courseId, CancellationToken cancellationToken) =>
        (await SeeAsync(api, "/api/v1/enrollments?limit=100", person.Token, "listing enrolments", cancellationToken))
            .Items.Single(e => e.Id("courseId") == courseId).Id();

    private async Task<Standing> EarnAsync(StoryClient api, Person person, Learning learning, CancellationToken cancellationToken) =>
        await StepAsync(api, "She is rewarded", async () =>
        {
            var points = _pointsForRegistration + (_pointsForLesson * learning.Lessons.Count) + _pointsForCourse;
            var standing = await api.UntilAsync(
                () => StandingAsync(api, person, cancellationToken), s => s.Points >= points, s => s.ToString(), $"{points} points", cancellationToken);
            Claim(api, standing.Points == points, $"she has {standing.Points} points instead of {points}: something counted twice");
            Claim(api, standing.Level == LevelOf(points), $"{points} points are level {LevelOf(points)}, not {standing.Level}");
            Claim(api, standing.Entries == learning.Lessons.Count + 2, $"the ledger has {standing.Entries} entries instead of {learning.Lessons.Count + 2}");
            var sum = $"{_pointsForRegistration} + {learning.Lessons.Count} × {_pointsForLesson} + {_pointsForCourse}";
            return (standing, $"{points} points = {sum}, level {standing.Level}");
        });

    private static async Task<Standing> StandingAsync(StoryClient api, Person person, CancellationToken cancellationToken)
    {
        var me = (await SeeAsync(api, "/api/v1/gamification/me", person.Token, "reading the points", cancellationToken)).Data;
        var ledger = (await SeeAsync(api, "/api/v1/gamification/ledger?limit=100", person.Token, "reading the ledger", cancellationToken)).Items.ToList();
        return new(me.Number("points"), me.Number("level"), ledger.Count, me["badges"]!.AsArray().Count);
    }

    private async Task<T> StepAsync<T>(StoryClient api, string name, Func<Task<(T Result, string Outcome)>> work)
    {
        api.BeginStep();
        await teller.BeginsAsync(name);
        var watch = Stopwatch.StartNew();
        var (result, outcome) = await work();
        var step = new StoryStep(name, outcome, api.CorrelationId, api.TraceId, watch.Elapsed);
        _steps.Add(step);
        teller.Ends(step);
        return result;
    }

    /// <summary>Reads what must be there.</summary>
    private static async Task<StoryAnswer> SeeAsync(StoryClient api, string path, string? token, string what, CancellationToken cancellationToken) =>
        Expect(api, await api.GetAsync(path, token, cancellationToken), 200, what);

    private static StoryAnswer Expect(StoryClient api, StoryAnswer answer, int status, string what, string? code = null)
    {
        Claim(
            api, answer.Status == status && (code is null || answer.Code == code),
            $"{what} was answered with {answer.Status} instead of {$"{status} {code}".TrimEnd()}: {answer.Excerpt}");
        return answer;
    }

    private static void Claim(StoryClient api, bool holds, string otherwise)
    {
        if (!holds)
            throw new StoryException(char.ToUpperInvariant(otherwise[0]) + otherwise[1..] + ".") { CorrelationId = api.CorrelationId };
    }

    private string Keep(string secret, string what)
    {
        _secrets.TryAdd(secret, what);
        return secret;
    }

    /// <param name="Id">The account.</param>
    /// <param name="Email">Its address.</param>
    /// <param name="Token">Its access token.</param>
    /// <param name="Roles">Its roles.</param>
    private sealed record Person(Guid Id, string Email, string Token, IReadOnlyList<string> Roles);

    private sealed record Learning(Guid CourseId, string Title, IReadOnlyList<Guid> Lessons, Guid EnrollmentId, int Percent, IReadOnlyList<Guid> Certificates);

    private sealed record Standing(int Points, int Level, int Entries, int Badges)
    {
        public override string ToString() => $"{Points} points, level {Level}, {Entries} ledger entries, {Badges} badges";
    }
}
