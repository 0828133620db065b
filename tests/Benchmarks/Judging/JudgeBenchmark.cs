using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Judging;

/// <summary>
/// What judging costs, at a worker of its own: submissions per second and core, what a box adds to the program in it, how soon the first verdict is there, and
/// whether processor times stay the same when everything else is busy too.
/// </summary>
public static class JudgeBenchmark
{
    private const string _sum = "print(sum(map(int, input().split())))\n";
    private const string _compute = "total = 0\nfor i in range(3_000_000): total += i * i % 7\nprint(total)\n";
    private const int _tests = 5;
    private const int _boxes = 60;
    private const int _rounds = 7;
    private const int _firsts = 40;
    private static readonly TimeSpan _measured = TimeSpan.FromSeconds(10);

    /// <summary>Runs everything and prints it.</summary>
    public static async Task<int> RunAsync()
    {
        await using var worker = await Worker.StartAsync();
        var cores = Environment.ProcessorCount;
        await worker.JudgeAsync(_sum, _tests);

        var firsts = new List<double>();
        for (var i = 0; i < _firsts; i++)
            firsts.Add((await worker.JudgeAsync(_sum, 1)).FirstTest.TotalMilliseconds);

        var (boxed, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round < _rounds; round++)
        {
            bare.Add(BareMilliseconds());
            var judged = await worker.JudgeAsync(_sum, _boxes);
            boxed.Add((judged.LastTest - judged.FirstTest).TotalMilliseconds / (_boxes - 1));
        }

        var before = worker.CpuTime();
        var watch = Stopwatch.StartNew();
        var lanes = await Task.WhenAll(Enumerable.Range(0, worker.Slots).Select(_ => Task.Run(async () =>
        {
            var (count, cpu) = (0, 0.0);
            while (watch.Elapsed < _measured)
            {
                cpu += (await worker.JudgeAsync(_sum, _tests)).CpuMs;
                count++;
            }
            return (Count: count, Cpu: cpu);
        })));
        var seconds = watch.Elapsed.TotalSeconds;
        var submissions = lanes.Sum(l => l.Count);
        var cpuSeconds = (worker.CpuTime() - before).TotalSeconds + (lanes.Sum(l => l.Cpu) / 1000);

        var idle = await CpuTimesAsync(worker);
        List<double> loaded;
        using (var load = new CancellationTokenSource())
        {
            var busy = Enumerable.Range(0, 2 * cores).Select(_ => Spin(load.Token)).ToList();
            loaded = await CpuTimesAsync(worker);
            await load.CancelAsync();
            busy.ForEach(b => b.Join());
        }
        var change = Math.Abs(Median(loaded) / Median(idle) - 1);

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Python submissions of {_tests} tests, a box for each, {worker.Slots} at a time on {cores} cores for {_measured.TotalSeconds:0} s
              on this machine as it is                  {submissions / seconds / cores,6:0.0} /s and core (wanted: 12)
              of the processor time that they took      {submissions / cpuSeconds,6:0.0} /s and core, {1000 * cpuSeconds / submissions:0.0} ms each, the worker's own included

            One box, median of {_rounds} rounds of {_boxes}
              the program without a box                 {Median(bare),6:0.0} ms
              the program in a box, judged              {Median(boxed),6:0.0} ms
              what the box adds                         {Median(boxed) - Median(bare),6:0.0} ms (wanted: at most 8)

            First verdict after the job was sent        {Median(firsts),6:0.0} ms, p95 {At(firsts, 0.95):0.0} ms (wanted: at most 60)

            Processor time of one program, median of {_rounds}
              otherwise idle                            {Median(idle),6:0} ms
              beside {2 * cores} busy threads                    {Median(loaded),6:0} ms, {change:P1} apart (wanted: under 10 %)
            """));
        return 0;
    }

    private static async Task<List<double>> CpuTimesAsync(Worker worker)
    {
        var times = new List<double>();
        for (var i = 0; i < _rounds; i++)
            times.Add((await worker.JudgeAsync(_compute, 1)).CpuMs);
        return times;
    }

    /// <summary>The same program of ours, started the same number of times one after the other.</summary>
    private static double BareMilliseconds()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, _sum);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < _boxes; i++)
            {
                var start = new ProcessStartInfo("/usr/bin/python3", ["-I", "-S", "-B", file]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
                using var process = Process.Start(start)!;
                process.StandardInput.WriteLine("1 2");
                process.StandardInput.Close();
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
            }
            return watch.Elapsed.TotalMilliseconds / _boxes;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Thread Spin(CancellationToken cancellationToken)
    {
        var thread = new Thread(() =>
        {
            while (!cancellationToken.IsCancellationRequested)
                continue;
        })
        { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static double Median(IEnumerable<double> values) => At(values, 0.5);

    private static double At(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
    }

    /// <summary>The worker as the mesh starts it.</summary>
    private sealed class Worker : IAsyncDisposable
    {
        private const string _key = "the-benchmark-s-own-key-of-a-worker";

        private readonly Process _process;
        private readonly HttpClient _http;

        private Worker(Process process, HttpClient http) => (_process, _http) = (process, http);

        public int Slots { get; private set; }

        public static async Task<Worker> StartAsync()
        {
            var address = $"http://127.0.0.1:{FreePort.Find()}";
            var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
            var start = new ProcessStartInfo("dotnet", [Path.Combine(root, "Services/Judge/bin/Release/net10.0/TalentSphere.Judge.dll")]) { RedirectStandardOutput = true, UseShellExecute = false };
            start.Environment["ASPNETCORE_URLS"] = address;
            start.Environment["Judge__Key"] = _key;
            var process = Process.Start(start)!;
            _ = process.StandardOutput.ReadToEndAsync();
            var http = new HttpClient { BaseAddress = new Uri(address) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _key);
            var worker = new Worker(process, http);
            var told = await Eventually.SeesAsync(
                async () => JsonNode.Parse(await http.GetStringAsync("/judge/languages"))!, n => (bool)n["mayJudge"]!, "a worker that may judge", TimeSpan.FromSeconds(60));
            worker.Slots = (int)told["slots"]!;
            return worker;
        }

        public async Task<Run> JudgeAsync(string source, int tests)
        {
            var job = new
            {
                id = Guid.CreateVersion7(),
                language = "python",
                source,
                limits = new { cpuMs = 5000, memoryKb = 65536, outputKb = 64 },
                checker = new { kind = "tokens" },
                tests = Enumerable.Range(1, tests).Select(i => new { ordinal = i, input = "1 2\n", expectedOutput = "3\n" }),
            };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/judge/jobs") { Content = JsonContent.Create(job) };
            var watch = Stopwatch.StartNew();
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            TimeSpan? first = null;
            var last = TimeSpan.Zero;
            var cpu = 0;
            while (await reader.ReadLineAsync() is { } line)
            {
                if (!line.Contains("\"event\":\"test\"", StringComparison.Ordinal))
                    continue;
                last = watch.Elapsed;
                first ??= last;
                cpu += (int)JsonNode.Parse(line)!["cpuMs"]!;
            }
            return new(first ?? throw new InvalidOperationException("The worker judged nothing."), last, cpu);
        }

        /// <summary>Of the worker itself, without its boxes.</summary>
        public TimeSpan CpuTime()
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            // Asked, not killed: it clears its control groups away.
            using var kill = Process.Start("kill", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    /// <summary>One job: when its first and last test were told, and the processor time of its tests in milliseconds.</summary>
    private sealed record Run(TimeSpan FirstTest, TimeSpan LastTest, int CpuMs);
}
