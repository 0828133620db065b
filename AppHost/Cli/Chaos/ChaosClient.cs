using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TalentSphere.Cli.Chaos;

/// <summary>A course and its lessons.</summary>
internal sealed record CourseOutline(Guid Id, IReadOnlyList<Guid> Lessons);

/// <summary>What all clients of a run share.</summary>
internal sealed class Playground(ChaosHttp http, Tally tally, Person admin)
{
    public ChaosHttp Http => http;

    public Tally Tally => tally;

    public Person Admin => admin;

    public required IReadOnlyList<CourseOutline> Courses { get; init; }

    public required IReadOnlyList<Guid> Challenges { get; init; }

    /// <summary>Open posts, closed ones among the later choices too: applying there is refused.</summary>
    public ConcurrentQueue<Guid> Jobs { get; } = new();

    /// <summary>When clients stop to ask again for what nobody answers.</summary>
    public required CancellationToken Deadline { get; init; }
}

/// <summary>
/// Takes one step after another. A step that waits for a service which is away goes on in the background, and the client with what other services do; it
/// joins them at the end.
/// </summary>
internal sealed class ChaosClient(Playground playground, string role)
{
    private static readonly TimeSpan _impatience = TimeSpan.FromMilliseconds(600);

    private readonly List<Task> _begun = [];
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);
    private Life? _life;

    /// <summary>Goes on until <paramref name="stop"/>; what is under way then is finished.</summary>
    public async Task RunAsync(IEnumerable<Step> steps, CancellationToken stop)
    {
        foreach (var step in steps)
        {
            if (stop.IsCancellationRequested)
                break;
            await TakeAsync(step);
            await Task.Delay(step.Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(_begun);
    }

    private async Task TakeAsync(Step step)
    {
        if (step.Kind == StepKind.Register)
        {
            _last.Clear();
            _life = await Life.BeginAsync(playground, role);
            return;
        }
        // One thing at a time with each service; a person whose lessons do not move can still apply.
        var area = Life.AreaOf(step.Kind);
        if (_life is not { } life || _last.TryGetValue(area, out var before) && !before.IsCompleted)
            return;
        var task = life.TakeAsync(step);
        _last[area] = task;
        _begun.Add(task);
        await Task.WhenAny(task, Task.Delay(_impatience));
    }
}

/// <summary>
/// One person's doings. A write is asked for until it is answered; what the answer says is so is claimed in the tally. Where asking again could do a thing
/// twice, each lost answer is noted as one that may have been done.
/// </summary>
internal sealed class Life
{
    private readonly Playground _playground;
    private readonly Person _person;
    private readonly ChaosHttp _http;
    private readonly Tally _tally;
    private readonly Dictionary<Guid, Guid> _enrollments = [];
    private readonly HashSet<Guid> _completed = [];
    private readonly List<Guid> _applications = [];
    private readonly List<Guid> _posts = [];
    private Guid _company;

    private Life(Playground playground, Person person)
    {
        (_playground, _person) = (playground, person);
        (_http, _tally) = (playground.Http, playground.Tally);
    }

    /// <summary>The service that a step is about.</summary>
    public static string AreaOf(StepKind kind) => kind switch
    {
        StepKind.Lesson or StepKind.LessonTwice or StepKind.Finish or StepKind.Leave => "lms",
        StepKind.Apply or StepKind.Withdraw or StepKind.Post or StepKind.Update or StepKind.Review or StepKind.Close => "jobs",
        StepKind.Read => "notification",
        StepKind.Submit => "challenges",
        _ => "auth",
    };

    /// <summary>Somebody new; null when nobody could register.</summary>
    public static async Task<Life?> BeginAsync(Playground playground, string role) =>
        await RegisterAsync(playground, role) is { } person ? new(playground, person) : null;

    /// <summary>Opens an account; null when nobody answered.</summary>
    public static async Task<Person?> RegisterAsync(Playground playground, string role)
    {
        var email = $"chaos.{Guid.CreateVersion7():N}@chaos.talentsphere.example";
        var password = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", 20);
        var (reply, _) = await playground.Http.AskAsync(
            HttpMethod.Post, "/api/v1/auth/register", null, new { email, password, name = $"Chaos {role}", role }, playground.Deadline);
        if (reply is null)
        {
            playground.Tally.Maybe("auth.user.registered", 1);
            return null;
        }
        if (reply is { Status: 409, Code: "AUTH_003" })
            return await SignInAsync(playground, email, password, isNew: true);
        var person = new Person(reply.Data["user"]!["id"]!.GetValue<Guid>(), email, password)
        {
            Token = reply.Data["accessToken"]!.GetValue<string>(),
            RefreshToken = reply.Data["refreshToken"]!.GetValue<string>(),
        };
        playground.Tally.Once("auth.user.registered", person.Id.ToString());
        playground.Tally.Meet(person);
        return person;
    }

    /// <summary>Signs in; each try is a session and an event of its own.</summary>
    public static async Task<Person?> SignInAsync(Playground playground, string email, string password, bool isNew = false)
    {
        var (reply, lost) = await playground.Http.AskAsync(HttpMethod.Post, "/api/v1/auth/login", null, new { email, password }, playground.Deadline);
        playground.Tally.Maybe("auth.user.login", lost);
        if (isNew)
            playground.Tally.Maybe("auth.user.registered", reply is null ? 1 : 0);
        if (reply is null)
            return null;
        var data = Expect(reply, 200).Data;
        var person = new Person(data["user"]!["id"]!.GetValue<Guid>(), email, password)
        {
            Token = data["accessToken"]!.GetValue<string>(),
            RefreshToken = data["refreshToken"]!.GetValue<string>(),
        };
        playground.Tally.Again("auth.user.login", person.Id.ToString());
        if (isNew)
        {
            // The answer to registering was lost, but signing in tells that it was done.
            playground.Tally.Once("auth.user.registered", person.Id.ToString());
            playground.Tally.Meet(person);
        }
        return person;
    }

    /// <summary>Takes a step, and comes back when it is settled.</summary>
    public Task TakeAsync(Step step) => step.Kind switch
    {
        StepKind.Lesson => LessonAsync(step, twice: false),
        StepKind.LessonTwice => LessonAsync(step, twice: true),
        StepKind.Finish => FinishAsync(step),
        StepKind.Leave => LeaveAsync(step),
        StepKind.Apply => ApplyAsync(step),
        StepKind.Withdraw => WithdrawAsync(step),
        StepKind.Read => ReadAsync(step),
        StepKind.Submit => SubmitAsync(step),
        StepKind.SignInAgain => SignInAgainAsync(),
        StepKind.Post => PostAsync(step),
        StepKind.Update => UpdateAsync(step),
        StepKind.Review => ReviewAsync(step),
        StepKind.Close => CloseAsync(step),
        StepKind.Author => AuthorAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step.Kind, "No client takes this step."),
    };

    private async Task LessonAsync(Step step, bool twice)
    {
        var course = Pick(_playground.Courses, step.A);
        if (!await EnrollAsync(course))
            return;
        var lesson = Pick(course.Lessons, step.B);
        await Task.WhenAll(Enumerable.Range(0, twice ? 2 : 1).Select(_ => CompleteAsync(course, lesson)));
    }

    private async Task FinishAsync(Step step)
    {
        var course = Pick(_playground.Courses, step.A);
        if (!await EnrollAsync(course))
            return;
        foreach (var lesson in course.Lessons.Where(l => !_completed.Contains(l)))
            await CompleteAsync(course, lesson);
    }

    private async Task<bool> EnrollAsync(CourseOutline course)
    {
        if (_enrollments.ContainsKey(course.Id))
            return true;
        var (reply, _) = await AskAsync(HttpMethod.Post, $"/api/v1/courses/{course.Id}/enroll", null, "lms.enrollment.created");
        switch (reply)
        {
            case null:
                return false;
            case { Status: 409, Code: "LMS_ALREADY_ENROLLED" }:
                var (list, _) = await AskAsync(HttpMethod.Get, "/api/v1/enrollments?limit=100", null);
                if (list is null)
                {
                    _tally.Maybe("lms.enrollment.created", 1);
                    return false;
                }
                _enrollments[course.Id] = list.Items.Single(e => e["courseId"]!.GetValue<Guid>() == course.Id)["id"]!.GetValue<Guid>();
                break;
            default:
                _enrollments[course.Id] = Expect(reply, 201).Id;
                break;
        }
        _tally.Again("lms.enrollment.created", $"{_person.Id}/{course.Id}");
        return true;
    }

    private async Task CompleteAsync(CourseOutline course, Guid lesson)
    {
        var (reply, _) = await AskAsync(
            HttpMethod.Post, $"/api/v1/lessons/{lesson}/complete", null, "lms.lesson.completed", "lms.course.completed", "lms.certificate.issued");
        if (reply is null)
            return;
        Expect(reply, 200);
        _tally.Once("lms.lesson.completed", $"{_person.Id}/{lesson}");
        lock (_completed)
            _completed.Add(lesson);
        if (reply.Data["certificateId"]?.GetValue<Guid>() is not { } certificate)
            return;
        _tally.Once("lms.course.completed", $"{_person.Id}/{course.Id}");
        _tally.Once("lms.certificate.issued", certificate.ToString());
    }

    private async Task LeaveAsync(Step step)
    {
        if (_enrollments.Count == 0)
            return;
        var (course, enrollment) = Pick([.. _enrollments.OrderBy(e => e.Key)], step.A);
        var (reply, lost) = await AskAsync(HttpMethod.Delete, $"/api/v1/enrollments/{enrollment}", null, "lms.enrollment.cancelled");
        if (reply is null)
            _enrollments.Remove(course);
        // Not there after a lost answer: it was that request which cancelled it.
        else if (reply.Status == 204 || (reply.Status == 404 && lost > 0))
        {
            _enrollments.Remove(course);
            _tally.Again("lms.enrollment.cancelled", $"{_person.Id}/{course}");
        }
        else if (reply is not { Status: 409, Code: "LMS_COURSE_COMPLETED" })
        {
            Expect(reply, 204);
        }
    }

    private async Task ApplyAsync(Step step)
    {
        List<Guid> jobs = [.. _playground.Jobs];
        if (jobs.Count == 0)
            return;
        var job = Pick(jobs, step.A);
        var application = new { resumeUrl = "https://people.example/chaos", coverLetter = "I am still here." };
        var (reply, _) = await AskAsync(HttpMethod.Post, $"/api/v1/jobs/{job}/apply", application, "jobs.application.submitted");
        if (reply is null or { Status: 409, Code: "JOB_002" })
            return;
        if (reply is not { Status: 409, Code: "JOB_003" })
            _applications.Add(Expect(reply, 201).Id);
        _tally.Once("jobs.application.submitted", $"{_person.Id}/{job}");
    }

    private async Task WithdrawAsync(Step step)
    {
        if (_applications.Count > 0)
            await MoveAsync(Pick(_applications, step.A), "withdrawn");
    }

    private async Task MoveAsync(Guid application, string status)
    {
        var (reply, lost) = await AskAsync(HttpMethod.Patch, $"/api/v1/applications/{application}", new { status }, "jobs.application.statuschanged");
        if (reply is { Status: 200 })
            _tally.Once("jobs.application.statuschanged", $"{application}/{status}");
        else if (reply is { Status: 409 })
            // Somebody else moved it meanwhile; whether before or after us, nobody was told.
            _tally.Maybe("jobs.application.statuschanged", lost > 0 ? 1 : 0);
        else if (reply is not null)
            Expect(reply, 200);
    }

    private async Task ReadAsync(Step step)
    {
        var (list, _) = await AskAsync(HttpMethod.Get, "/api/v1/notifications?unread=true&limit=20", null);
        if (list?.Items.ToList() is not { Count: > 0 } unread)
            return;
        var id = Pick(unread, step.A)["id"]!.GetValue<Guid>();
        var (reply, _) = await AskAsync(HttpMethod.Post, $"/api/v1/notifications/{id}/read", null, "notification.message.read");
        if (reply is null)
            return;
        Expect(reply, 200);
        _tally.Once("notification.message.read", id.ToString());
    }

    private async Task SubmitAsync(Step step)
    {
        var challenge = Pick(_playground.Challenges, step.A);
        var (reply, lost) = await AskAsync(
            HttpMethod.Post, $"/api/v1/challenges/{challenge}/submissions", new { language = "python", code = "print(42)\n" });
        _tally.Maybe("challenges.submission.submitted", lost);
        if (reply is not null)
            _tally.Once("challenges.submission.submitted", Expect(reply, 202).Id.ToString());
    }

    private async Task SignInAgainAsync()
    {
        var person = _person;
        // By the refresh token: the access token is worth nothing any more when a lost answer makes us ask again.
        var (reply, _) = await AskAsync(HttpMethod.Post, "/api/v1/auth/logout", new { refreshToken = person.RefreshToken }, "auth.user.logout");
        if (reply is not null)
        {
            Expect(reply, 204);
            _tally.Again("auth.user.logout", person.Id.ToString());
        }
        Become(await SignInAsync(_playground, person.Email, person.Password));
    }

    private async Task PostAsync(Step step)
    {
        if (_company == Guid.Empty)
        {
            var company = new { name = $"Chaos {Guid.CreateVersion7():N}", size = "11-50", location = "Kiel", description = "We break things." };
            var (made, _) = await AskAsync(HttpMethod.Post, "/api/v1/companies", company);
            if (made is null)
                return;
            _company = Expect(made, 201).Id;
        }
        var (reply, lost) = await AskAsync(HttpMethod.Post, "/api/v1/jobs", JobBody($"Chaos engineer {step.A}"));
        _tally.Maybe("jobs.post.created", lost);
        if (reply is null)
            return;
        var id = Expect(reply, 201).Id;
        _tally.Once("jobs.post.created", id.ToString());
        _posts.Add(id);
        _playground.Jobs.Enqueue(id);
    }

    private async Task UpdateAsync(Step step)
    {
        if (_posts.Count == 0)
            return;
        var post = Pick(_posts, step.A);
        // New words each time; saying them again after a lost answer changes nothing.
        var (reply, _) = await AskAsync(HttpMethod.Put, $"/api/v1/jobs/{post}", JobBody($"Chaos engineer {Guid.CreateVersion7():N}"), "jobs.post.updated");
        if (reply is null or { Status: 409, Code: "JOB_002" })
            return;
        Expect(reply, 200);
        _tally.Again("jobs.post.updated", post.ToString());
    }

    private async Task ReviewAsync(Step step)
    {
        if (_posts.Count == 0)
            return;
        var (list, _) = await AskAsync(HttpMethod.Get, $"/api/v1/jobs/{Pick(_posts, step.A)}/applications?limit=100", null);
        if (list?.Items.Where(a => a["status"]!.GetValue<string>() is "pending" or "reviewing").ToList() is not { Count: > 0 } open)
            return;
        var chosen = Pick(open, step.B);
        var id = chosen["id"]!.GetValue<Guid>();
        var (viewed, _) = await AskAsync(HttpMethod.Get, $"/api/v1/applications/{id}", null, "jobs.application.viewed");
        if (viewed is { Status: 200 })
            _tally.Once("jobs.application.viewed", id.ToString());
        await MoveAsync(id, chosen["status"]!.GetValue<string>() == "pending" ? "reviewing" : step.B % 2 == 0 ? "accepted" : "rejected");
    }

    private async Task CloseAsync(Step step)
    {
        // Some stay open, or there would be nothing left to apply for.
        if (_posts.Count <= 2)
            return;
        var post = Pick(_posts, step.A);
        var (reply, _) = await AskAsync(HttpMethod.Post, $"/api/v1/jobs/{post}/close", null, "jobs.post.closed");
        if (reply is null)
            return;
        Expect(reply, 200);
        _tally.Once("jobs.post.closed", post.ToString());
    }

    /// <summary>The admin makes the person an instructor, who signs in anew and writes a course.</summary>
    private async Task AuthorAsync()
    {
        var person = _person;
        var grant = new { roles = (string[])["jobseeker", "instructor"] };
        var (granted, _) = await _http.AskAsync(
            HttpMethod.Put, $"/api/v1/auth/users/{person.Id}/roles", () => _playground.Admin.Token, grant, _playground.Deadline);
        // Granted or not known to be: the token with the old roles may be worth nothing.
        if (!Become(await SignInAsync(_playground, person.Email, person.Password)) || granted is not { Done: true })
            return;
        var draft = new { title = "What breaks first", summary = "A short course.", description = "Short.", level = "beginner", tags = (string[])["chaos"] };
        var (course, _) = await AskAsync(HttpMethod.Post, "/api/v1/courses", draft);
        if (course is null)
            return;
        var id = Expect(course, 201).Id;
        var (section, _) = await AskAsync(HttpMethod.Post, $"/api/v1/courses/{id}/sections", new { title = "All of it" });
        if (section is null)
            return;
        var (lesson, _) = await AskAsync(
            HttpMethod.Post, $"/api/v1/sections/{Expect(section, 201).Id}/lessons", new { title = "The whole", content = "Everything, in time.", minutes = 1 });
        if (lesson is null)
            return;
        Expect(lesson, 201);
        var (published, _) = await AskAsync(HttpMethod.Post, $"/api/v1/courses/{id}/publish", null, "lms.course.published");
        if (published is null)
            return;
        Expect(published, 200);
        _tally.Once("lms.course.published", id.ToString());
    }

    /// <summary>Goes on with the tokens of another sign-in; false when there are none.</summary>
    private bool Become(Person? signedIn)
    {
        (_person.Token, _person.RefreshToken) = (signedIn?.Token ?? "", signedIn?.RefreshToken ?? "");
        return signedIn is not null;
    }

    private object JobBody(string title) => new
    {
        companyId = _company,
        title,
        description = "You pull plugs, and see that nobody notices.",
        location = "Kiel",
        type = "full-time",
        tags = (string[])["chaos"],
    };

    /// <summary>Asks as this person. When nobody answers, each of the event types may have come about once.</summary>
    private async Task<(Reply? Reply, int Lost)> AskAsync(HttpMethod method, string path, object? body, params string[] mayBring)
    {
        var (reply, lost) = await _http.AskAsync(method, path, () => _person.Token, body, _playground.Deadline);
        if (reply is not null)
            return (reply, lost);
        _person.Unresolved = true;
        foreach (var type in mayBring)
            _tally.Maybe(type, 1);
        return (null, lost);
    }

    private static Reply Expect(Reply reply, int status) =>
        reply.Status == status ? reply : throw new MeshException($"{status} was expected, the answer was {reply.Status}: {reply.Json?.ToJsonString()}");

    private static T Pick<T>(IReadOnlyList<T> from, int choice) => from[choice % from.Count];
}
