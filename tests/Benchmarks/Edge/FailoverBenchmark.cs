using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>
/// Two replicas of the gateway in front of two of a service, and a thousand connections that ask every four seconds, which two processors bear with all of this on them; a replica of the service is killed and started
/// again, later one of the gateway. Who has lost his gateway goes to the other, as a balancer in front of them would send him.
/// </summary>
internal static class FailoverBenchmark
{
    private const int _connections = 1000;
    private const int _warmUpConnections = 8;
    private const string _path = "/api/v1/gamification/me";
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _away = TimeSpan.FromSeconds(10);

    /// <summary>Runs it and prints what the thousand were answered.</summary>
    /// <returns>0 when there was nothing but 2xx, 429 and resets of the gateway that was killed.</returns>
    public static async Task<int> RunAsync(TimeSpan time)
    {
        Console.WriteLine($"{_connections} connections for {time.TotalMinutes:0.#} minutes, two gateways, two of gamification …");
        await using var parts = await EdgeParts.StartAsync();
        await using var gatewayDatabase = await TestDatabase.CreateAsync("gateway");
        await using var database = await TestDatabase.CreateAsync("gamification");
        ServiceProcess[] services = [await parts.StartGamificationAsync(database.ConnectionString), await parts.StartGamificationAsync(database.ConnectionString)];
        Replica[] gateways =
        [
            new("gateway 1", await parts.StartGatewayAsync(gatewayDatabase.ConnectionString, services)),
            new("gateway 2", await parts.StartGatewayAsync(gatewayDatabase.ConnectionString, services)),
        ];

        // What is compiled while it is asked for the first time is too slow for all of them at once.
        foreach (var gateway in gateways)
            await Wrk.RunAsync(new(gateway.Process.Address, _path), parts.Token, _warmUpConnections, _warmUp);

        var tally = new ConcurrentDictionary<string, Outcome>();
        var watch = Stopwatch.StartNew();
        using var enough = new CancellationTokenSource(time);
        var clients = Enumerable.Range(0, _connections).Select(i => AskAsync(i, gateways, parts.Token, tally, watch, enough.Token)).ToList();
        await Task.Delay(time * 0.3);
        await InterruptAsync(services[0], "gamification 1", watch);
        await Task.Delay(time * 0.6 - watch.Elapsed is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        gateways[0].Interrupted = true;
        await InterruptAsync(gateways[0].Process, gateways[0].Name, watch);
        gateways[0].Interrupted = false;
        await Task.WhenAll(clients);

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tally.Values.Sum(o => o.Count):N0} requests in {watch.Elapsed.TotalSeconds:0} s"));
        foreach (var (outcome, seen) in tally.OrderByDescending(t => t.Value.Count))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {outcome,-60} {seen.Count,10:N0}, from {seen.First.TotalSeconds:0} s to {seen.Last.TotalSeconds:0} s{(IsAllowed(outcome) ? "" : "   (not wanted)")}"));
        return tally.ContainsKey("2xx") && tally.Keys.All(IsAllowed) ? 0 : 1;
    }

    private static async Task AskAsync(int number, Replica[] gateways, string token, ConcurrentDictionary<string, Outcome> tally, Stopwatch watch, CancellationToken enough)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false, UseCookies = false };
        using var http = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version11, Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        // A thousand in the same instant are nobody's users.
        await Task.Delay(_pause * (number / (double)_connections), CancellationToken.None);
        var at = gateways[number % gateways.Length];
        while (!enough.IsCancellationRequested)
        {
            string outcome;
            try
            {
                using var response = await http.GetAsync(new Uri(at.Process.Address, _path), CancellationToken.None);
                outcome = response.IsSuccessStatusCode ? "2xx" : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
            {
                outcome = at.Interrupted ? $"reset or refused by {at.Name}, which was killed" : $"{at.Name}: {e.GetBaseException().Message}";
                at = Array.Find(gateways, g => g != at)!;
            }
            tally.AddOrUpdate(outcome, new Outcome(1, watch.Elapsed, watch.Elapsed), (_, known) => known with { Count = known.Count + 1, Last = watch.Elapsed });
            await Task.Delay(_pause, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task InterruptAsync(ServiceProcess process, string name, Stopwatch watch)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {watch.Elapsed.TotalSeconds,4:0} s  {name} is killed"));
        await process.KillAsync();
        await Task.Delay(_away);
        await process.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {watch.Elapsed.TotalSeconds,4:0} s  {name} is back"));
    }

    private static bool IsAllowed(string outcome) => outcome is "2xx" or "429" || outcome.StartsWith("reset", StringComparison.Ordinal);

    /// <param name="Count">How often.</param>
    /// <param name="First">When for the first time.</param>
    /// <param name="Last">When for the last time.</param>
    private sealed record Outcome(int Count, TimeSpan First, TimeSpan Last);

    private sealed class Replica(string name, ServiceProcess process)
    {
        private volatile bool _interrupted;

        public string Name => name;

        public ServiceProcess Process => process;

        /// <summary>True from before it is killed until it answers again.</summary>
        public bool Interrupted
        {
            get => _interrupted;
            set => _interrupted = value;
        }
    }
}
