using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Demo;

/// <summary>A notification as the list shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Title">Its headline.</param>
/// <param name="CorrelationId">The request that it follows from.</param>
/// <param name="Data">The ids that it speaks of.</param>
public sealed record StoryNotification(Guid Id, string Kind, string Title, string CorrelationId, JsonNode Data)
{
    internal bool Is(string kind, string name, Guid id) => Kind == kind && Data[name]?.GetValue<string>() == id.ToString();
}

/// <summary>Each fact is told once, in the list and over the hub.</summary>
public sealed partial class Story
{
    private async Task<IReadOnlyList<StoryNotification>> ReconcileAsync(
        StoryClient api, Person person, Learning learning, Hiring hiring, Solving solving, LiveFeed feed, IReadOnlySet<Guid> before,
        CancellationToken cancellationToken) =>
        await StepAsync(api, "List and live feed are compared", async () =>
        {
            var expected = await FactsAsync(api, person, learning, hiring, solving, cancellationToken);
            var told = await api.UntilAsync(
                () => ToldAsync(api, person, cancellationToken), list => !expected.Except(list.Select(FactOf)).Any(),
                list => "missing " + string.Join(", ", expected.Except(list.Select(FactOf))), "a notification for every fact", cancellationToken);
            var twice = told.GroupBy(FactOf).Where(g => g.Count() > 1).Select(g => $"{g.Key} × {g.Count()}").ToList();
            Claim(api, twice.Count == 0, $"something was told more than once: {string.Join(", ", twice)}");
            var unexpected = told.Select(FactOf).Except(expected).ToList();
            Claim(api, unexpected.Count == 0, $"something was told that did not happen: {string.Join(", ", unexpected)}");

            var live = told.Where(n => !before.Contains(n.Id)).Select(n => n.Id).ToHashSet();
            // A feed that broke may have missed some, which the list then holds; one that never broke has missed nothing.
            var heard = await api.UntilAsync(
                () => Task.FromResult(feed.Heard.Select(n => n.Id()).ToList()), ids => feed.Breaks > 0 || live.IsSubsetOf(ids),
                ids => $"{ids.Count} of {live.Count}", "every new notification on the live feed", cancellationToken);
            Claim(api, heard.Count == heard.Distinct().Count(), "the live feed pushed something twice");
            Claim(api, heard.TrueForAll(told.Select(n => n.Id).Contains), "the live feed pushed something that the list does not hold");
            var missed = live.Except(heard).Count();
            return (told, $"{told.Count} facts, {told.Count} notifications, {heard.Count} pushed live"
                + (missed > 0 ? $" ({missed} while the feed was broken)" : $", {before.Count} from before the feed"));
        });

    /// <summary>What happened to her, by what each service says of itself.</summary>
    private static async Task<HashSet<string>> FactsAsync(
        StoryClient api, Person person, Learning learning, Hiring hiring, Solving solving, CancellationToken cancellationToken)
    {
        var ledger = (await SeeAsync(api, "/api/v1/gamification/ledger?limit=100", person.Token, "reading the ledger", cancellationToken)).Items;
        var me = (await SeeAsync(api, "/api/v1/gamification/me", person.Token, "reading the points", cancellationToken)).Data;
        return
        [
            "welcome",
            $"course-enrolled {learning.EnrollmentId}",
            $"course-completed {learning.EnrollmentId}",
            $"certificate-issued {learning.Certificates[0]}",
            .. ledger.Select(e => $"points-awarded {e.Id()}"),
            .. me["badges"]!.AsArray().Select(b => $"badge-earned {b!.Text("code")}"),
            .. Enumerable.Range(2, me.Number("level") - 1).Select(level => $"level-reached {level}"),
            $"application-viewed {hiring.ApplicationId}",
            .. solving.Verdicts.Select(v => $"submission-{(v.Verdict == "accepted" ? "approved" : "rejected")} {v.SubmissionId}"),
            .. _moves.Select(status => $"application-moved {hiring.ApplicationId} {status}"),
        ];
    }

    private static string FactOf(StoryNotification n) => n.Kind switch
    {
        "course-enrolled" or "course-completed" => $"{n.Kind} {n.Data["enrollmentId"]}",
        "certificate-issued" => $"{n.Kind} {n.Data["certificateId"]}",
        "submission-approved" or "submission-rejected" => $"{n.Kind} {n.Data["submissionId"]}",
        "points-awarded" => $"{n.Kind} {n.Data["entryId"]}",
        "badge-earned" => $"{n.Kind} {n.Data["badge"]}",
        "level-reached" => $"{n.Kind} {n.Data["level"]}",
        "application-viewed" => $"{n.Kind} {n.Data["applicationId"]}",
        "application-moved" => $"{n.Kind} {n.Data["applicationId"]} {n.Data["status"]}",
        _ => n.Kind,
    };

    private static async Task<List<StoryNotification>> ToldAsync(StoryClient api, Person person, CancellationToken cancellationToken) =>
        [.. (await SeeAsync(api, "/api/v1/notifications?limit=100", person.Token, "listing notifications", cancellationToken)).Items
            .Select(n => new StoryNotification(n.Id(), n.Text("kind"), n.Text("title"), n.Text("correlationId"), n["data"] ?? new JsonObject()))];

    private static string Describe(IEnumerable<StoryNotification> told) =>
        string.Join(", ", told.Select(n => n.Kind)) is { Length: > 0 } kinds ? kinds : "nothing";
}
