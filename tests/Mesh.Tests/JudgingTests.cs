using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>Judging from end to end, through the gateway: an author's package, learners' programs in boxes, points, notifications, and what is mended.</summary>
public sealed class JudgingTests(MeshFixture mesh)
{
    private const string _right = "print(sum(map(int, input().split())))\n";
    private const string _lucky = "print(3)\n";

    [Fact]
    public async Task Each_difficulty_is_rewarded_once_and_each_verdict_told_once()
    {
        using var author = await AuthorAsync();
        var learner = await mesh.RegisterAsync("jobseeker");
        using var client = mesh.WithToken(learner.Token);
        await using var live = await HubClient.OpenAsync(mesh.Gateway, learner.Token, "/hubs/challenges");
        var points = 10;
        var told = new List<string>();
        foreach (var (difficulty, worth) in ((string, int)[])[("easy", 50), ("medium", 100), ("hard", 200)])
        {
            var challenge = await PublishedAsync(author, difficulty);
            var wrong = await SubmitAsync(client, challenge, "print(4)\n");
            (await JudgedAsync(client, wrong)).ShouldBe("wrong-answer");
            Guid[] right = [await SubmitAsync(client, challenge, _right), await SubmitAsync(client, challenge, _right)];
            foreach (var id in right)
                (await JudgedAsync(client, id)).ShouldBe("accepted");
            told.AddRange([$"submission-rejected {wrong}", .. right.Select(id => $"submission-approved {id}")]);
            points += worth;
            await Eventually.SeesAsync(() => PointsAsync(client), p => p == points, $"{points} points");

            var stages = (await Eventually.SeesAsync(
                () => Task.FromResult(live.Of("submission").Where(p => p["submissionId"]!.GetValue<Guid>() == right[1]).ToList()),
                heard => heard.Exists(p => p["stage"]!.GetValue<string>() == "judged"), "the verdict on the live feed")).Select(p => p["stage"]!.GetValue<string>()).Distinct().ToList();
            stages.ShouldBe(["queued", "started", "testing", "judged"]);
        }
        var notifications = await Eventually.SeesAsync(
            () => client.AskAsync("/api/v1/notifications?limit=100"), a => told.TrueForAll(t => Told(a).Contains(t)), "word of every verdict");
        Told(notifications).Where(t => t.StartsWith("submission-", StringComparison.Ordinal)).Order().ShouldBe(told.Order());
        (await PointsAsync(client)).ShouldBe(points, "nothing counted twice");
        (await LedgerAsync(client)).Count(e => e["source"]!.GetValue<string>() is { Length: > 0 } && e["reason"]!.GetValue<string>() == "challenge").ShouldBe(3);

        static List<string> Told(Answer answer) => [.. answer.Data.AsArray().Select(n => $"{n!["kind"]} {n["data"]?["submissionId"]}")];
    }

    [Fact]
    public async Task When_tests_are_mended_verdicts_change_points_follow_and_history_stays()
    {
        using var author = await AuthorAsync();
        var (lucky, honest) = (await mesh.RegisterAsync("jobseeker"), await mesh.RegisterAsync("jobseeker"));
        using var chancer = mesh.WithToken(lucky.Token);
        using var solver = mesh.WithToken(honest.Token);
        var challenge = await PublishedAsync(author, "medium");
        var (first, second) = (await SubmitAsync(chancer, challenge, _lucky), await SubmitAsync(solver, challenge, _right));
        (await JudgedAsync(chancer, first)).ShouldBe("accepted", "the tests are too weak");
        (await JudgedAsync(solver, second)).ShouldBe("accepted");
        foreach (var client in (HttpClient[])[chancer, solver])
            await Eventually.SeesAsync(() => PointsAsync(client), p => p == 110, "110 points");

        var before = (await author.AskAsync($"/api/v1/challenges/{challenge}/authoring")).Data["challenge"]!["contentVersion"]!.GetValue<int>();
        (await author.PostAsync($"/api/v1/challenges/{challenge}/testcases", new { sample = false, input = "40 2\n", expectedOutput = "42\n" })).Status.ShouldBe(HttpStatusCode.Created);
        var authoring = (await author.AskAsync($"/api/v1/challenges/{challenge}/authoring")).Data;
        (authoring["challenge"]!["contentVersion"]!.GetValue<int>(), authoring["checked"]!.GetValue<bool>()).ShouldBe((before + 1, false));
        (await author.PostAsync($"/api/v1/challenges/{challenge}/rejudge")).Status.ShouldBe(HttpStatusCode.Accepted);

        await Eventually.SeesAsync(() => SubmissionAsync(chancer, first), s => s["verdict"]!.GetValue<string>() == "wrong-answer", "another verdict");
        await Eventually.SeesAsync(() => SubmissionAsync(solver, second), s => s["history"]!.AsArray().Count == 2, "a second judgement");
        var history = (await SubmissionAsync(chancer, first))["history"]!.AsArray().Select(j => j!["verdict"]!.GetValue<string>()).ToList();
        history.ShouldBe(["wrong-answer", "accepted"]);
        await Eventually.SeesAsync(() => PointsAsync(chancer), p => p == 10, "the points to follow");
        (await LedgerAsync(chancer)).Select(e => e["amount"]!.GetValue<int>()).Order().ShouldBe([-100, 10, 100]);
        (await PointsAsync(solver)).ShouldBe(110);
    }

    [Fact]
    public async Task Programs_that_mean_harm_get_their_verdict_and_the_next_honest_one_is_accepted()
    {
        using var author = await AuthorAsync();
        using var client = mesh.WithToken((await mesh.RegisterAsync("jobseeker")).Token);
        var challenge = await PublishedAsync(author, "easy");
        (string Code, string Verdict)[] attacks =
        [
            ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n", "time-limit"),
            ("data = []\nwhile True:\n    data.append(bytearray(1 << 24))\n", "memory-limit"),
            ("while True:\n    print('x' * 65536)\n", "output-limit"),
            ($"import socket\nsocket.create_connection(('127.0.0.1', {mesh.Gateway.Port}), 1)\nprint(3)\n", "runtime-error"),
            // A judge whose key a program could see would be lost: this one is right when it sees none.
            ("import glob\nfor path in glob.glob('/proc/[0-9]*/environ'):\n    if 'Key' in open(path).read(): raise SystemExit(1)\n" + _right, "accepted"),
        ];
        var submissions = new List<Guid>();
        foreach (var (code, _) in attacks)
            submissions.Add(await SubmitAsync(client, challenge, code));
        foreach (var (submission, (code, verdict)) in submissions.Zip(attacks))
            (await JudgedAsync(client, submission)).ShouldBe(verdict, code);
        (await JudgedAsync(client, await SubmitAsync(client, challenge, _right))).ShouldBe("accepted");
    }

    [Fact]
    public async Task A_package_may_have_ten_megabytes_and_nothing_else_may()
    {
        using var author = await AuthorAsync(needsJudge: false);
        (await ImportAsync(author, Package(9 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.Created);
        (await ImportAsync(author, Package(11 * 1024 * 1024))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await author.PostTextAsync("/api/v1/challenges", $$"""{ "title": "{{new string('x', 1_100_000)}}" }""")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var learner = mesh.WithToken((await mesh.RegisterAsync("jobseeker")).Token);
        (await ImportAsync(learner, Package())).Status.ShouldBe(HttpStatusCode.Forbidden);
        using var stranger = mesh.Anonymous();
        (await ImportAsync(stranger, Package())).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task<HttpClient> AuthorAsync(bool needsJudge = true)
    {
        var author = mesh.WithToken((await mesh.EveryRole).Token);
        if (needsJudge)
            await JudgeAsync(author);
        return author;
    }

    /// <summary>A judge that has just started tries its boxes first.</summary>
    private static Task JudgeAsync(HttpClient client) => Eventually.TrueAsync(
        async () => (await client.AskAsync("/api/v1/challenges/languages")).Data["judging"]!.GetValue<bool>(), "a judge that judges", TimeSpan.FromSeconds(60));

    /// <summary>A challenge out of a package, proven by the judge and published.</summary>
    private static async Task<Guid> PublishedAsync(HttpClient author, string difficulty)
    {
        var imported = await ImportAsync(author, Package(), "?difficulty=" + difficulty);
        imported.Status.ShouldBe(HttpStatusCode.Created, imported.Body);
        var route = $"/api/v1/challenges/{imported.Id}";
        (await author.PostAsync($"{route}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED");
        (await author.PostAsync($"{route}/check")).Status.ShouldBe(HttpStatusCode.Accepted);
        var check = await Eventually.SeesAsync(
            () => author.AskAsync($"{route}/check"), a => a.Data["state"]!.GetValue<string>() is "passed" or "failed", "the check to end", TimeSpan.FromSeconds(90));
        check.Data["state"]!.GetValue<string>().ShouldBe("passed", check.Body);
        (await author.PostAsync($"{route}/publish")).Status.ShouldBe(HttpStatusCode.OK);
        return imported.Id;
    }

    private static byte[] Package(int padding = 0)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("problem.yaml", "name: Sums in the mesh\nlimits:\n  time_limit: 0.5\n  memory: 64\n"u8);
            Add("problem_statement/problem.md", "Add two numbers."u8);
            Add("data/sample/1.in", "1 2\n"u8);
            Add("data/sample/1.ans", "3\n"u8);
            Add("data/secret/1.in", "2 1\n"u8);
            Add("data/secret/1.ans", "3\n"u8);
            Add("submissions/accepted/sum.py", System.Text.Encoding.UTF8.GetBytes(_right));
            Add("submissions/accepted/sum.c", "#include <stdio.h>\nint main(void) { int a, b; if (scanf(\"%d %d\", &a, &b) != 2) return 1; printf(\"%d\\n\", a + b); return 0; }\n"u8);
            Add("submissions/wrong_answer/four.py", "print(4)\n"u8);
            if (padding > 0)
                Add("attachments/noise", RandomNumberGenerator.GetBytes(padding));

            void Add(string name, ReadOnlySpan<byte> content)
            {
                using var stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private static Task<Answer> ImportAsync(HttpClient author, byte[] archive, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/challenges/import" + query) { Content = new ByteArrayContent(archive) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return author.ReadAsync(request);
    }

    private static async Task<Guid> SubmitAsync(HttpClient client, Guid challenge, string code)
    {
        var taken = await client.PostAsync($"/api/v1/challenges/{challenge}/submissions", new { language = "python", code });
        taken.Status.ShouldBe(HttpStatusCode.Accepted, taken.Body);
        return taken.Id;
    }

    private static async Task<JsonNode> SubmissionAsync(HttpClient client, Guid id) => (await client.AskAsync($"/api/v1/submissions/{id}")).Data;

    private static async Task<string> JudgedAsync(HttpClient client, Guid id) => (await Eventually.SeesAsync(
        () => SubmissionAsync(client, id), s => s["status"]!.GetValue<string>() == "judged", "a verdict", TimeSpan.FromSeconds(90)))["verdict"]!.GetValue<string>();

    private static async Task<int> PointsAsync(HttpClient client) => (await client.AskAsync("/api/v1/gamification/me")).Data["points"]!.GetValue<int>();

    private static async Task<List<JsonNode>> LedgerAsync(HttpClient client) => [.. (await client.AskAsync("/api/v1/gamification/ledger?limit=100")).Data.AsArray().OfType<JsonNode>()];
}
