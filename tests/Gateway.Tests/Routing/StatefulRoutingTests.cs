using System.Net;
using TalentSphere.Gateway.Tests.Resilience;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Routing;

/// <summary>Which replica a request reaches.</summary>
public sealed class StatefulRoutingTests(StatefulRoutingTests.Fixture gateway) : IClassFixture<StatefulRoutingTests.Fixture>
{
    [Fact]
    public async Task A_user_reaches_the_same_replica_of_a_hub_each_time_and_users_are_spread()
    {
        var replicas = new HashSet<string>();
        for (var user = 0; user < 20; user++)
        {
            using var client = gateway.SignedIn(Guid.CreateVersion7(), "jobseeker");
            var first = (await client.AskAsync("/hubs/notifications")).Body;
            for (var i = 0; i < 3; i++)
                (await client.AskAsync("/hubs/notifications")).Body.ShouldBe(first);
            replicas.Add(first);
        }
        replicas.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_room_is_in_one_place_whoever_enters_it()
    {
        var replicas = new HashSet<string>();
        for (var room = 0; room < 20; room++)
        {
            var seen = new HashSet<string>();
            for (var user = 0; user < 3; user++)
                seen.Add((await gateway.SignedIn(Guid.CreateVersion7(), "jobseeker").AskAsync($"/api/v1/rooms/{room}/board")).Body);
            replicas.Add(seen.ShouldHaveSingleItem());
        }
        replicas.Count.ShouldBe(3);
    }

    [Fact]
    public async Task While_a_replica_is_away_its_rooms_alone_are_elsewhere_and_they_return()
    {
        var before = await RoomsAsync();
        await gateway.Replicas[1].KillAsync();
        var meanwhile = await RoomsAsync();
        meanwhile.Values.ShouldNotContain("1");
        before.Where(r => r.Value != "1").ShouldAllBe(r => meanwhile[r.Key] == r.Value);
        gateway.Replicas[1].Start();
        await Eventually.SeesAsync(RoomsAsync, now => before.All(r => now[r.Key] == r.Value), "the rooms to return");
    }

    [Theory]
    [InlineData("always", "canary")]
    [InlineData("TRUE", "canary")]
    [InlineData("never", "stable")]
    [InlineData("false", "stable")]
    public async Task Who_asks_for_a_release_gets_it(string asked, string release)
    {
        for (var i = 0; i < 5; i++)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses") { Headers = { { "X-Canary", asked } } };
            (await gateway.SignedIn(Guid.CreateVersion7(), "jobseeker").ReadAsync(request)).Body.ShouldBe($"\"{release}\"");
        }
    }

    [Fact]
    public async Task A_share_of_the_users_gets_the_canary_and_each_the_same_every_time()
    {
        var canary = 0;
        for (var user = 0; user < 200; user++)
        {
            using var client = gateway.SignedIn(Guid.CreateVersion7(), "jobseeker");
            var first = (await client.AskAsync("/api/v1/courses")).Body;
            (await client.AskAsync("/api/v1/courses/1")).Body.ShouldBe(first);
            canary += first == "\"canary\"" ? 1 : 0;
        }
        // 30 %; five standard deviations to either side.
        canary.ShouldBeInRange(28, 92);
    }

    [Fact]
    public async Task Without_a_canary_its_users_get_the_stable_release_and_not_the_other_way_round()
    {
        async Task<Answer> AskAsync(string asked) => await gateway.Anonymous().ReadAsync(
            new HttpRequestMessage(HttpMethod.Get, "/api/v1/exams/1") { Headers = { { "X-Canary", asked } } });
        (await AskAsync("always")).Body.ShouldBe("\"canary\"");
        await gateway.ExamsCanary.KillAsync();
        (await AskAsync("always")).Body.ShouldBe("\"stable\"");
        gateway.ExamsCanary.Start();
        await Eventually.SeesAsync(() => AskAsync("always"), a => a.Body == "\"canary\"", "the canary to be back");
        await gateway.Exams.KillAsync();
        (await AskAsync("never")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await AskAsync("never")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    private async Task<Dictionary<int, string>> RoomsAsync()
    {
        var rooms = new Dictionary<int, string>();
        for (var room = 0; room < 12; room++)
        {
            var answer = await gateway.Anonymous().AskAsync($"/api/v1/rooms/{room}");
            answer.Status.ShouldBe(HttpStatusCode.OK);
            rooms[room] = answer.Body.Trim('"');
        }
        return rooms;
    }

    /// <summary>Three replicas of notification and of a service with rooms; a canary beside lms and one beside exams.</summary>
    public sealed class Fixture : GatewayFixture
    {
        private readonly RawUpstream[] _notification = [.. Enumerable.Range(0, 3).Select(Replica)];
        private readonly RawUpstream _lms = Release("stable");
        private readonly RawUpstream _lmsCanary = Release("canary");

        internal RawUpstream[] Replicas { get; } = [.. Enumerable.Range(0, 3).Select(Replica)];

        internal RawUpstream Exams { get; } = Release("stable");

        internal RawUpstream ExamsCanary { get; } = Release("canary");

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            foreach (var upstream in (RawUpstream[])[.. _notification, .. Replicas, _lms, _lmsCanary, Exams, ExamsCanary])
                await upstream.DisposeAsync();
        }

        protected override Task ConfigureAsync(IDictionary<string, string?> settings)
        {
            for (var i = 0; i < 3; i++)
            {
                settings[$"services:notification:http:{i}"] = _notification[i].Address;
                settings[$"services:rooms:http:{i}"] = Replicas[i].Address;
            }
            settings["services:lms:http:0"] = _lms.Address;
            settings["services:lms-canary:http:0"] = _lmsCanary.Address;
            settings["services:exams:http:0"] = Exams.Address;
            settings["services:exams-canary:http:0"] = ExamsCanary.Address;
            Canary(settings, "lms", 30);
            Canary(settings, "exams", 0);
            Service(settings, "rooms", "/api/v1/rooms/{room}/{**rest}");
            settings["ReverseProxy:Clusters:rooms:LoadBalancingPolicy"] = "ConsistentHash";
            settings["ReverseProxy:Routes:rooms:Metadata:HashKey"] = "route:room";
            Service(settings, "exams", "/api/v1/exams/{**rest}");
            settings["Upstreams:Probe:Interval"] = "00:00:00.200";
            return Task.CompletedTask;
        }

        private static void Service(IDictionary<string, string?> settings, string name, string path)
        {
            settings[$"ReverseProxy:Clusters:{name}:Destinations:{name}:Address"] = $"http://{name}";
            settings[$"ReverseProxy:Routes:{name}:ClusterId"] = name;
            settings[$"ReverseProxy:Routes:{name}:AuthorizationPolicy"] = "token-if-any";
            settings[$"ReverseProxy:Routes:{name}:Match:Path"] = path;
        }

        private static void Canary(IDictionary<string, string?> settings, string name, int percent)
        {
            settings[$"ReverseProxy:Clusters:{name}:Destinations:{name}-canary:Address"] = $"http://{name}-canary";
            settings[$"ReverseProxy:Clusters:{name}:Destinations:{name}-canary:Metadata:Canary"] = "true";
            settings[$"ReverseProxy:Clusters:{name}:Metadata:CanaryPercent"] = percent.ToString();
        }

        private static RawUpstream Replica(int number) => Release(number.ToString());

        private static RawUpstream Release(string name) => RawUpstream.Start((_, stream, _) => RawUpstream.WriteAsync(stream, $"\"{name}\""));
    }
}
