using System.Globalization;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>
/// What the edge costs: the same authenticated GET through the gateway with everything on (token, limits, headers, correlation, breaker, metrics, access log)
/// and through bare nginx, in turns, so that both see the same machine. They have the same upstream, and it and the one who asks share the processors with
/// them: once the leanest upstream there is, where next to nothing but the proxy is measured, and once a service of the mesh.
/// </summary>
internal static class GatewayBenchmark
{
    private const int _connections = 64;
    private const string _path = "/api/v1/gamification/me";
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _sample = TimeSpan.FromSeconds(10);

    /// <summary>Measures both upstreams and prints it.</summary>
    /// <param name="rounds">Turns of each proxy.</param>
    /// <param name="turn">How long one takes, in whole seconds.</param>
    public static async Task<int> CompareAsync(int rounds, TimeSpan turn)
    {
        Console.WriteLine("Starting PostgreSQL, Redis, RabbitMQ, gamification, the gateway and nginx …");
        await using var parts = await EdgeParts.StartAsync();
        await using var gatewayDatabase = await TestDatabase.CreateAsync("gateway");
        await using var database = await TestDatabase.CreateAsync("gamification");
        var service = await parts.StartGamificationAsync(database.ConnectionString);
        var lean = await parts.StartLeanUpstreamAsync();
        var tables = new List<string>();
        var failed = 0L;
        foreach (var (name, upstream, readyPath) in new[] { ("nginx answering 1 KB from memory, the leanest there is", lean, "/"), ($"gamification, GET {_path}", service, "/ready") })
        {
            await using var gateway = await parts.StartGatewayAsync(gatewayDatabase.ConnectionString, upstream);
            await using var nginx = await parts.StartNginxAsync(upstream.Address, readyPath);
            Proxy[] proxies = [new(nginx), new(gateway)];
            foreach (var proxy in proxies)
                await proxy.TurnAsync(parts.Token, _warmUp, counts: false);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var proxy in proxies)
                    await proxy.TurnAsync(parts.Token, turn, counts: true);
            }
            tables.Add(Table(name, proxies[0], proxies[1]));
            failed += proxies.Sum(p => p.Failed);
            Console.WriteLine($"  measured in front of {name}");
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            An authenticated GET, {_connections} connections, {rounds} turns of {turn.TotalSeconds:0} s each in alternation, medians, on {Environment.ProcessorCount} processors shared with upstream and wrk;
            load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}. No collector is told of traces, as without the dashboard.
            """));
        foreach (var table in tables)
            Console.WriteLine(table);
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Full load on the gateway for long, and its memory meanwhile.</summary>
    public static async Task<int> SoakAsync(TimeSpan time)
    {
        Console.WriteLine($"Full load on the gateway for {time.TotalMinutes:0.#} minutes …");
        await using var parts = await EdgeParts.StartAsync();
        await using var gatewayDatabase = await TestDatabase.CreateAsync("gateway");
        await using var gateway = await parts.StartGatewayAsync(gatewayDatabase.ConnectionString, await parts.StartLeanUpstreamAsync());
        await Wrk.RunAsync(new(gateway.Address, _path), parts.Token, _connections, _warmUp);
        var memory = new List<double>();
        var before = gateway.CpuTime();
        var load = Wrk.RunAsync(new(gateway.Address, _path), parts.Token, _connections, time);
        while (!load.IsCompleted)
        {
            await Task.WhenAny(load, Task.Delay(_sample));
            memory.Add(gateway.WorkingSet / 1048576.0);
        }
        var seen = await load;
        var third = Math.Max(1, memory.Count / 3);
        var (first, last) = (Median(memory.Take(third)), Median(memory.TakeLast(third)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            {seen.Requests:N0} requests, {seen.PerSecond:N0} /s, p99 {seen.P99:0.0} ms, {(gateway.CpuTime() - before).TotalMicroseconds / seen.Requests:0.0} µs of processor time a request, {seen.Failed} failed
            memory every {_sample.TotalSeconds:0} s, median of the first third {first:0} MB, of the last {last:0} MB ({last / first - 1:+0.0%;-0.0%}), most {memory.Max():0} MB
            minute by minute, medians in MB: {string.Join(" ", memory.Chunk((int)(60 / _sample.TotalSeconds)).Select(m => Median(m).ToString("0", CultureInfo.InvariantCulture)))}
            """));
        return seen.Failed == 0 ? 0 : 1;
    }

    private static string Table(string name, Proxy nginx, Proxy gateway) => string.Create(CultureInfo.InvariantCulture, $"""

        Upstream: {name}
                       requests/s         p99   processor time of the proxy       failed
          nginx        {nginx.PerSecond,10:N0} {nginx.P99,8:0.00} ms {nginx.CpuMicroseconds,17:0.0} µs a request {nginx.Failed,12}
          gateway      {gateway.PerSecond,10:N0} {gateway.P99,8:0.00} ms {gateway.CpuMicroseconds,17:0.0} µs a request {gateway.Failed,12}
          gateway / nginx  {Ratio(gateway, nginx, t => t.Seen.PerSecond),6:0.00} (wanted: at least 0.65)   p99 {Ratio(gateway, nginx, t => t.Seen.P99),5:0.00} (wanted: at most 3)
        """);

    /// <summary>The median of the ratios of neighbouring turns.</summary>
    private static double Ratio(Proxy of, Proxy to, Func<Turn, double> value) => Median(of.Turns.Zip(to.Turns, (a, b) => value(a) / value(b)));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    /// <param name="Seen">By wrk.</param>
    /// <param name="Cpu">Of the proxy.</param>
    private sealed record Turn(Wrk Seen, TimeSpan Cpu);

    private sealed class Proxy(ServiceProcess process)
    {
        public List<Turn> Turns { get; } = [];

        public double PerSecond => Median(Turns.Select(t => t.Seen.PerSecond));

        public double P99 => Median(Turns.Select(t => t.Seen.P99));

        public double CpuMicroseconds => Median(Turns.Select(t => t.Cpu.TotalMicroseconds / t.Seen.Requests));

        public long Failed => Turns.Sum(t => t.Seen.Failed);

        public async Task TurnAsync(string token, TimeSpan time, bool counts)
        {
            var before = process.CpuTime();
            var seen = await Wrk.RunAsync(new(process.Address, _path), token, _connections, time);
            if (counts)
                Turns.Add(new(seen, process.CpuTime() - before));
        }
    }
}
