using System.Net.WebSockets;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests.Judging;

public class ProgressTests(ChallengesFixture service)
{
    private const string _hub = "/hubs/challenges";
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task The_owner_alone_hears_of_every_step_in_its_order()
    {
        var author = Guid.CreateVersion7();
        var id = await PublishedAsync(service.Instructor(author));
        await using var mine = await OpenAsync(service.Address, _user);
        await using var authors = await OpenAsync(service.Address, author);
        var submission = await SubmitAsync(service.Learner(_user), id, "verdict time-limit\ncpu 9\ntell");
        await JudgedAsync(service.Learner(_user), submission);
        var heard = await HearsAsync(mine, submission);
        heard.Select(p => p["stage"]!.GetValue<string>()).ShouldBe(["queued", "started", "compiling", "testing", "testing", "judged"]);
        heard.Where(p => p["index"] is not null).Select(p => (p["index"]!.GetValue<int>(), p["of"]!.GetValue<int>(), p["verdict"]!.GetValue<string>()))
            .ShouldBe([(1, 2, "accepted"), (2, 2, "time-limit")]);
        (heard[^1]["verdict"]!.GetValue<string>(), heard[^1]["cpuMs"]!.GetValue<int>()).ShouldBe(("time-limit", 9));
        heard.ShouldAllBe(p => !p.ToJsonString().Contains("3 4"), "nothing of a hidden test");
        authors.Of("submission").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_of_one_replica_hears_what_another_judges_and_neither_says_it_twice()
    {
        var id = await PublishedAsync(service.Instructor());
        await using var second = new Replica(service);
        await second.StartAsync();
        await using var here = await OpenAsync(service.Address, _user);
        await using var there = await OpenAsync(second.Address, _user);
        foreach (var code in (string[])["cpu 1", "cpu 2", "cpu 3"])
        {
            var submission = await SubmitAsync(service.Learner(_user), id, code);
            foreach (var client in (HubClient[])[here, there])
                (await HearsAsync(client, submission)).Select(p => p["stage"]!.GetValue<string>()).Order().ShouldBe(["compiling", "judged", "queued", "started", "testing", "testing"]);
        }
    }

    [Fact]
    public async Task Without_Redis_a_replica_judges_all_the_same()
    {
        var id = await PublishedAsync(service.Instructor());
        await using var alone = new Replica(service, redis: "127.0.0.1:1,connectTimeout=200");
        await alone.StartAsync();
        await JudgedAsync(service.Learner(_user), await SubmitAsync(service.Learner(_user), id, "cpu 4"));
        (await alone.CreateClient().GetStringAsync("/ready")).ShouldContain("\"redis\":{\"status\":\"degraded\"");
    }

    [Fact]
    public async Task Nobody_listens_without_a_good_token()
    {
        foreach (var (fault, token) in TestTokens.Forged(_user).Append(("none", "")))
            (await Should.ThrowAsync<WebSocketException>(() => HubClient.OpenAsync(service.Address, token, _hub), fault)).Message.ShouldContain("401");
    }

    private static Task<HubClient> OpenAsync(Uri address, Guid user) => HubClient.OpenAsync(address, TestTokens.Mint(user), _hub);

    private static Task<IReadOnlyList<JsonNode>> HearsAsync(HubClient client, Guid submission) => Eventually.SeesAsync(
        () => Task.FromResult<IReadOnlyList<JsonNode>>([.. client.Of("submission").Where(p => p["submissionId"]!.GetValue<Guid>() == submission)]),
        heard => heard.Count >= 6 && heard.Any(p => p["stage"]!.GetValue<string>() == "judged"), "the verdict to be pushed");
}
