using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Judging;

/// <summary>
/// What judging costs, at a worker of its own: submissions per second and core, what a box adds to the program in it, how soon the first verdict is there, and
/// whether processor times stay the same when everything else is busy too. Each figure stands beside that of the same interpreter without a box in the same
/// run, and beside what others did on the machine meanwhile: on a busy one only the processor times and what is left between the two mean anything.
/// </summary>
public static class JudgeBenchmark
{
    private const string _sum = "print(sum(map(int, input().split())))\n";
    private const string _compute = "total = 0\nfor i in range(3_000_000): total += i * i % 7\nprint(total)\n";
    private const int _tests = 5;
    private const int _boxes = 60;
    private const int _rounds = 9;
    private const int _firsts = 40;
    private const int _warmUps = 60;
    private const double _wantedRate = 12;
    private const int _turns = 3;
    private const int _batch = 10;
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(4);

    /// <summary>Runs everything and prints it.</summary>
    public static async Task<int> RunAsync()
    {
        var load = File.ReadAllText("/proc/loadavg").Split(' ');
        var before = MachineTimes.Read();
        await Task.Delay(TimeSpan.FromSeconds(2));
        var atStart = MachineTimes.Read() - before;

        await using var worker = await Worker.StartAsync();
        var cores = Environment.ProcessorCount;
        // What the runtime compiles while it warms up is not what judging costs.
        for (var i = 0; i < _warmUps; i++)
            await worker.JudgeAsync(_sum, 1);

        var firsts = new List<double>();
        for (var i = 0; i < _firsts; i++)
            firsts.Add((await worker.JudgeAsync(_sum, 1)).FirstTest.TotalMilliseconds);

        var (boxed, bare) = (new List<Cost>(), new List<Cost>());
        for (var round = 0; round < _rounds; round++)
        {
            bare.Add(await BareAsync(_sum, _boxes));
            var used = worker.CpuTime();
            var judged = await worker.JudgeAsync(_sum, _boxes);
            boxed.Add(new((judged.LastTest - judged.FirstTest).TotalMilliseconds / (_boxes - 1), (worker.CpuTime() - used).TotalMilliseconds / _boxes));
        }

        var (judging, interpreting) = (new Throughput(), new Throughput());
        for (var turn = 0; turn < _turns; turn++)
        {
            judging += await Throughput.MeasureAsync(_turn, worker.Slots, async () => { await worker.JudgeAsync(_sum, _tests); return 1; }, worker.CpuTime);
            // Many for one parent, which is an interpreter too; their processor time, that of the rounds above, is known only to it.
            interpreting += await Throughput.MeasureAsync(_turn / 2, worker.Slots, async () => { await BareAsync(_sum, _batch * _tests); return _batch; }, () => TimeSpan.Zero);
        }
        var (seconds, submissions, cpuSeconds) = (judging.Wall.TotalSeconds, judging.Count, judging.Cpu.TotalSeconds);
        var others = Math.Max(0, judging.Machine.Busy.TotalSeconds - cpuSeconds - judging.Own.TotalSeconds);
        // One after the other, so that both see the same machine; what it is busy with changes from minute to minute.
        var (idle, loaded, bareIdle, bareLoaded) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < _rounds; round++)
        {
            idle.Add((await worker.JudgeAsync(_compute, 1)).CpuMs);
            bareIdle.Add((await BareAsync(_compute, 1)).CpuMs);
            using var enough = new CancellationTokenSource();
            var busy = Enumerable.Range(0, 2 * cores).Select(_ => Spin(enough.Token)).ToList();
            loaded.Add((await worker.JudgeAsync(_compute, 1)).CpuMs);
            bareLoaded.Add((await BareAsync(_compute, 1)).CpuMs);
            await enough.CancelAsync();
            busy.ForEach(b => b.Join());
        }
        var (bareWall, bareCpu) = (Median(bare.Select(b => b.WallMs)), Median(bare.Select(b => b.CpuMs)));
        var (boxedWall, boxedCpu) = (Median(boxed.Select(b => b.WallMs)), Median(boxed.Select(b => b.CpuMs)));
        var each = 1000 * cpuSeconds / submissions;

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            The machine: {cores} processors, load average {load[0]} {load[1]} {load[2]}; before anything was started they were {atStart.BusyShare:P0} busy, {atStart.StolenShare:P1} stolen by the host

            Python submissions of {_tests} tests, a box for each, {worker.Slots} at a time for {seconds:0} s
              by the clock                              {submissions / seconds / cores,6:0.0} /s and core (wanted: {_wantedRate}), while others had {others / judging.Machine.All.TotalSeconds:P0} of the processors and the host {judging.Machine.StolenShare:P1}
              of the processor time that they took      {1000 / each,6:0.0} /s and core (wanted: {_wantedRate}), {each:0.0} ms each, with all of the worker's and the sandbox's own
              the interpreter alone, {_tests} times            {interpreting.Count / interpreting.Wall.TotalSeconds / cores,6:0.0} /s and core by the clock, in turns with the former; {_tests * bareCpu:0.0} ms each

            One test, median of {_rounds} rounds of {_boxes}             clock   processor
              the interpreter without a box             {bareWall,6:0.0} ms   {bareCpu,6:0.0} ms
              in a box, judged                          {boxedWall,6:0.0} ms   {boxedCpu,6:0.0} ms
              what the box adds                         {boxedWall - bareWall,6:0.0} ms   {boxedCpu - bareCpu,6:0.0} ms (wanted: at most 8 ms)

            First verdict after the job was sent        {Median(firsts),6:0.0} ms, p95 {At(firsts, 0.95):0.0} ms (wanted: at most 60 ms)
              the interpreter without a box             {bareWall,6:0.0} ms

            Processor time of one program, median of {_rounds}    alone   beside {2 * cores} busy threads
              in a box, judged                          {Median(idle),6:0} ms   {Median(loaded),6:0} ms, {Apart(idle, loaded):P1} apart (wanted: under 10 %)
              without a box                             {Median(bareIdle),6:0} ms   {Median(bareLoaded),6:0} ms, {Apart(bareIdle, bareLoaded):P1} apart
            """));
        return 0;
    }

    private static double Apart(List<double> left, List<double> right) => Math.Abs((Median(right) / Median(left)) - 1);

    /// <summary>The same program and interpreter without any of ours, one after the other; its parent, as small as itself, tells the mean of what they took.</summary>
    private static async Task<Cost> BareAsync(string source, int times)
    {
        const string parent =
            """
            import resource, subprocess, sys, time
            source, times = sys.argv[1], int(sys.argv[2])
            wall = time.monotonic()
            for _ in range(times):
                subprocess.run([sys.executable, "-I", "-S", "-B", source], input=b"1 2\n", stdout=subprocess.PIPE, env={}, check=True)
            wall = time.monotonic() - wall
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(wall * 1000 / times, (used.ru_utime + used.ru_stime) * 1000 / times)
            """;
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, source);
            var start = new ProcessStartInfo("/usr/bin/python3", ["-I", "-c", parent, file, times.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, UseShellExecute = false };
            using var process = Process.Start(start)!;
            var told = (await process.StandardOutput.ReadToEndAsync()).Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToList();
            await process.WaitForExitAsync();
            return new(told[0], told[1]);
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

        /// <summary>
        /// Of the worker itself and of everything it started that has ended, to the last step of the sandbox; once a job's answer has ended, nothing of it runs.
        /// Read from <c>/proc</c>, in ticks of ten milliseconds.
        /// </summary>
        public TimeSpan CpuTime()
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            // The name may hold anything, so that fields count from its last parenthesis: utime, stime, cutime and cstime are the 14th to 17th of all.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture)));
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

    /// <summary>How often something was done in how much time, and what it and everything else on the machine used meanwhile.</summary>
    private readonly record struct Throughput(int Count, TimeSpan Wall, TimeSpan Cpu, TimeSpan Own, MachineTimes Machine)
    {
        public static Throughput operator +(Throughput left, Throughput right) =>
            new(left.Count + right.Count, left.Wall + right.Wall, left.Cpu + right.Cpu, left.Own + right.Own, left.Machine + right.Machine);

        public static async Task<Throughput> MeasureAsync(TimeSpan length, int atOnce, Func<Task<int>> work, Func<TimeSpan> cpuTime)
        {
            using var own = Process.GetCurrentProcess();
            var (cpu, mine, machine, watch) = (cpuTime(), own.TotalProcessorTime, MachineTimes.Read(), Stopwatch.StartNew());
            var lanes = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
            {
                var count = 0;
                while (watch.Elapsed < length)
                    count += await work();
                return count;
            })));
            var wall = watch.Elapsed;
            own.Refresh();
            return new(lanes.Sum(), wall, cpuTime() - cpu, own.TotalProcessorTime - mine, MachineTimes.Read() - machine);
        }
    }

    /// <summary>What one run took, in milliseconds by the clock and of processor time.</summary>
    private readonly record struct Cost(double WallMs, double CpuMs);

    /// <summary>What the machine's processors did, all together (proc(5), /proc/stat).</summary>
    private readonly record struct MachineTimes(TimeSpan Busy, TimeSpan Stolen, TimeSpan All)
    {
        public double BusyShare => Busy / All;

        public double StolenShare => Stolen / All;

        public static MachineTimes operator +(MachineTimes left, MachineTimes right) => new(left.Busy + right.Busy, left.Stolen + right.Stolen, left.All + right.All);

        public static MachineTimes operator -(MachineTimes left, MachineTimes right) => new(left.Busy - right.Busy, left.Stolen - right.Stolen, left.All - right.All);

        public static MachineTimes Read()
        {
            // cpu user nice system idle iowait irq softirq steal …, in ticks.
            var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
            TimeSpan Time(long count) => TimeSpan.FromMilliseconds(10 * count);
            return new(Time(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]), Time(ticks[7]), Time(ticks.Sum()));
        }
    }
}
