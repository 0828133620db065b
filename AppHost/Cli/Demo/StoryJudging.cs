using System.Diagnostics;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Demo;

/// <summary>She takes a challenge, and somebody else takes the judge on.</summary>
public sealed partial class Story
{
    private const string _challenge = "peak-day";

    // Of two days that are alike it names the later one.
    private const string _wrong =
        """
        import sys

        data = list(map(int, sys.stdin.read().split()))
        readings = data[1:1 + data[0]]
        best_day, best_use = 0, -1
        for day in range(1, len(readings)):
            use = (readings[day] - readings[day - 1]) % 100000
            if use >= best_use:
                best_day, best_use = day, use
        print(best_day, best_use)

        """;

    // Takes whatever it can reach and as many processes as it can get. It ends with 1 when it got nothing.
    private const string _hostile =
        """
        import glob, os, socket, sys, time

        loot = []
        for path in ["/etc/shadow", "/root/.bashrc"] + glob.glob("/proc/[0-9]*/environ"):
            try:
                with open(path) as file:
                    loot += [word for word in file.read().split("\0") if "Key" in word or "Password" in word or "root:" in word]
            except OSError:
                pass
        for port in (5432, 5672, 6379, 8000):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2)
                loot.append(port)
            except OSError:
                pass
        try:
            for _ in range(5000):
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
            loot.append("processes without end")
        except OSError:
            pass
        print(loot)
        sys.exit(0 if loot else 1)

        """;

    private static readonly string _right = _wrong.Replace("use >= best_use", "use > best_use", StringComparison.Ordinal);

    // A judge that has just started tries its boxes first.
    private static readonly TimeSpan _judgeComes = TimeSpan.FromSeconds(30);

    private async Task<Solving> SolveAsync(StoryClient api, Person person, Standing standing, CancellationToken cancellationToken)
    {
        var verdicts = new List<(Guid SubmissionId, string Verdict)>();
        var handedIn = new HashSet<Guid>();
        var (challenge, isJudged) = await StepAsync(api, "She hands in a solution", async () =>
        {
            var challenges = await api.UntilAsync(
                async () => (await SeeAsync(api, "/api/v1/challenges?limit=100", null, "listing challenges", cancellationToken)).Items.ToList(),
                found => found.Exists(c => c["slug"]?.GetValue<string>() == _challenge), _ => "nothing", $"the sample challenge {_challenge}",
                cancellationToken);
            var found = challenges.Find(c => c["slug"]?.GetValue<string>() == _challenge)!;
            var judging = await IsThereAJudgeAsync(api, cancellationToken);
            var submission = await HandInAsync(api, person, found.Id(), _wrong, handedIn, cancellationToken);
            if (!judging)
                return ((found, false), $"“{found.Text("title")}”: queued, for there is no judge that works on this machine; ./mesh status says why");
            var judged = await VerdictAsync(api, person, submission, cancellationToken);
            Claim(api, judged.Text("verdict") == "wrong-answer", $"the verdict is {judged.Text("verdict")} and not wrong-answer");
            verdicts.Add((submission, judged.Text("verdict")));
            return ((found, true), $"“{found.Text("title")}”: {Describe(judged)}");
        });
        if (!isJudged)
            return new([], null, standing);

        var worth = challenge.Number("points");
        await using (var feed = await LiveFeed.OpenAsync(gateway, "/hubs/challenges", "submission", person.Token, cancellationToken))
        {
            await StepAsync(api, "She mends it, and watches", async () =>
            {
                var submission = await HandInAsync(api, person, challenge.Id(), _right, handedIn, cancellationToken);
                var judged = await VerdictAsync(api, person, submission, cancellationToken);
                Claim(api, judged.Text("verdict") == "accepted", $"the verdict is {judged.Text("verdict")} and not accepted");
                verdicts.Add((submission, judged.Text("verdict")));
                var stages = await api.UntilAsync(
                    () => Task.FromResult(feed.Heard.Where(p => p.Id("submissionId") == submission).Select(p => p.Text("stage")).ToList()),
                    heard => feed.Breaks > 0 || heard.Contains("judged"), heard => string.Join(", ", heard), "word of the verdict on the live feed",
                    cancellationToken);
                return (true, $"{Describe(judged)}; live: {string.Join(", ", stages.Distinct())}");
            });
        }

        var rewarded = await StepAsync(api, "She is rewarded for it", async () =>
        {
            var reached = await api.UntilAsync(
                () => StandingAsync(api, person, cancellationToken), s => s.Points >= standing.Points + worth, s => s.ToString(), $"{worth} points more",
                cancellationToken);
            Claim(
                api, reached.Points == standing.Points + worth,
                $"she has {reached.Points} points instead of {standing.Points + worth}: something counted twice");
            return (reached, $"{reached.Points} points = {standing.Points} + {worth}, level {reached.Level}");
        });

        var stranger = await JoinAsync(api, "Nemo Grau", "jobseeker", cancellationToken);
        var hostile = await StepAsync(api, "He hands in an attack", async () =>
        {
            var submission = await HandInAsync(api, stranger, challenge.Id(), _hostile, [], cancellationToken);
            var judged = await VerdictAsync(api, stranger, submission, cancellationToken);
            Claim(api, judged.Text("verdict") == "runtime-error", $"the verdict is {judged.Text("verdict")}: the program that meant harm got something");
            return (judged.Text("verdict"), $"{Describe(judged)}: no secret, no connection, no flood of processes");
        });

        await StepAsync(api, "She hands in hers once more", async () =>
        {
            var submission = await HandInAsync(api, person, challenge.Id(), _right, handedIn, cancellationToken);
            var judged = await VerdictAsync(api, person, submission, cancellationToken);
            Claim(api, judged.Text("verdict") == "accepted", $"after the attack the verdict is {judged.Text("verdict")} and not accepted");
            verdicts.Add((submission, judged.Text("verdict")));
            return (true, $"{Describe(judged)}; the points stay {rewarded.Points}");
        });
        return new(verdicts, hostile, rewarded);
    }

    private static async Task<bool> IsThereAJudgeAsync(StoryClient api, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var languages = (await SeeAsync(api, "/api/v1/challenges/languages", null, "listing languages", cancellationToken)).Data;
            if (languages["judging"]!.GetValue<bool>())
                return languages["languages"]!.AsArray().Any(l => l!.Text("id") == "python" && l!["available"]!.GetValue<bool>());
            if (watch.Elapsed > _judgeComes)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
        }
    }

    private static async Task<Guid> HandInAsync(
        StoryClient api, Person person, Guid challengeId, string code, HashSet<Guid> handedIn, CancellationToken cancellationToken)
    {
        var answer = await api.CreateAsync($"/api/v1/challenges/{challengeId}/submissions", person.Token, new { language = "python", code }, async () =>
        {
            var stored = (await SeeAsync(api, $"/api/v1/submissions?challenge={challengeId}", person.Token, "listing submissions", cancellationToken))
                .Items.FirstOrDefault(s => !handedIn.Contains(s.Id()));
            return stored is null ? null : await api.GetAsync($"/api/v1/submissions/{stored.Id()}", person.Token, cancellationToken);
        }, cancellationToken);
        Claim(api, answer.Status is 202 or 200, $"handing in was answered with {answer.Status}: {answer.Excerpt}");
        handedIn.Add(answer.Data.Id());
        return answer.Data.Id();
    }

    private static Task<JsonNode> VerdictAsync(StoryClient api, Person person, Guid submissionId, CancellationToken cancellationToken) =>
        api.UntilAsync(
            async () => (await SeeAsync(api, $"/api/v1/submissions/{submissionId}", person.Token, "reading the submission", cancellationToken)).Data,
            s => s.Text("status") == "judged", s => s.Text("status"), "a verdict", cancellationToken);

    private static string Describe(JsonNode submission)
    {
        var judgement = submission["judgement"]!;
        var failed = judgement["tests"]!.AsArray().FirstOrDefault(t => t!.Text("verdict") != "accepted");
        var at = failed is null ? $"all {judgement["tests"]!.AsArray().Count} tests" : $"test {failed["ordinal"]}";
        return $"{submission.Text("verdict")} ({at}, {judgement["cpuMs"]} ms, {judgement.Number("memoryKb") / 1024.0:0.0} MiB)";
    }

    /// <param name="Verdicts">Of what she handed in, in order; none where there is no judge.</param>
    /// <param name="Hostile">Of what the stranger handed in.</param>
    /// <param name="Standing">Her points afterwards.</param>
    private sealed record Solving(IReadOnlyList<(Guid SubmissionId, string Verdict)> Verdicts, string? Hostile, Standing Standing);
}
