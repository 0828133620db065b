using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TalentSphere.Kubernetes.Tests.Processes;

/// <summary>What the manifests promise of the processes, asked of the processes.</summary>
public sealed class PodTests(Pods pods)
{
    public static TheoryData<string> Workloads { get; } = [.. Pods.Workloads];

    [Theory]
    [MemberData(nameof(Workloads))]
    public async Task It_starts_and_works_as_nobody_in_particular_on_a_root_that_it_cannot_write(string workload)
    {
        var pod = pods[workload];
        await pod.AnswersAsync("/health/startup", HttpStatusCode.OK);
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
        (await pod.AskAsync("/health")).ShouldBe(HttpStatusCode.OK);
        var status = await File.ReadAllTextAsync($"/proc/{pod.Id}/status");
        status.Split('\n').Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal)).ShouldEndWith("0000000000000000");
        var mounts = await File.ReadAllLinesAsync($"/proc/{pod.Id}/mounts");
        mounts.Single(m => m.Split(' ')[1] == "/").Split(' ')[3].Split(',').ShouldContain("ro");
    }

    [Fact]
    public async Task A_database_that_is_away_takes_a_service_out_of_turn_and_does_not_restart_it()
    {
        var pod = pods["lms"];
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
        pods.Cables["lms"].PullOut();
        await pod.AnswersAsync("/ready", HttpStatusCode.ServiceUnavailable);
        (await pod.Http.GetStringAsync("/health")).ShouldContain("ok");
        pods.Cables["lms"].PutBack();
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
        pod.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_password_that_is_exchanged_reaches_a_running_process()
    {
        var pod = pods["gamification"];
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
        var password = await pods.ExchangePasswordAsync("gamification");
        pods.Cables["gamification"].PullOut();
        pods.Cables["gamification"].PutBack();
        // New connections are refused now: only the new password opens the database again.
        await pod.AnswersAsync("/ready", HttpStatusCode.ServiceUnavailable);
        await File.WriteAllTextAsync(Path.Combine(pods.SecretsOf("gamification"), "ConnectionStrings__gamification"), pods.DatabaseOf("gamification", password));
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_under_way_are_answered_after_the_order_to_stop_and_the_process_ends_in_time()
    {
        const int clients = 20;
        await using var pod = pods.Another("auth");
        await pod.AnswersAsync("/ready", HttpStatusCode.OK);
        var connections = new List<TcpClient>();
        for (var i = 0; i < clients; i++)
        {
            var client = new TcpClient();
            connections.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, pod.Port);
            var body = BodyOf(i);
            await SendAsync(client, $"POST /api/v1/auth/login HTTP/1.1\r\nHost: auth\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body[..5]}");
        }
        await Eventually.SeesAsync(InFlightAsync, n => n >= clients, "every request to have begun");

        pod.Terminate();
        var ending = Stopwatch.StartNew();
        // Nothing new comes while a pod ends, the sleep before SIGTERM is for that; and this one takes nothing new any more.
        await Eventually.TrueAsync(IsClosedAsync, "the process to stop listening");
        for (var i = 0; i < clients; i++)
            await SendAsync(connections[i], BodyOf(i)[5..]);
        foreach (var client in connections)
        {
            using var reader = new StreamReader(client.GetStream());
            (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 401 Unauthorized");
        }
        (await pod.ExitAsync(TimeSpan.FromSeconds(60))).ShouldBe(0, pod.Output);
        ending.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), "the grace period of every workload is longer");
        connections.ForEach(c => c.Dispose());

        // Nobody's, each another's: failures at one address would lock it.
        static string BodyOf(int i) => $$"""{"email":"nobody-{{i:00}}@example.org","password":"not-anybody's"}""";

        async Task<double> InFlightAsync() => (await pod.Http.GetStringAsync("/metrics")).Split('\n')
            .Where(l => l.StartsWith("http_requests_in_flight", StringComparison.Ordinal)).Sum(l => double.Parse(l.Split(' ')[^1], CultureInfo.InvariantCulture));

        async Task<bool> IsClosedAsync()
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, pod.Port);
                return false;
            }
            // Reset: it stopped listening while this connection waited to be accepted.
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
                return true;
            }
        }

        static async Task SendAsync(TcpClient client, string text) => await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
    }
}
