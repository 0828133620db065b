using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Auth;

/// <summary>
/// What it costs to be somebody: sign-ins per second at an auth service of its own and the share of that which the password hash is, and checks of access tokens
/// per second and core in a service that remembers those it has checked and in one that does not.
/// </summary>
public static class AuthBenchmark
{
    private const int _rounds = 210_000;
    private const int _accounts = 20;
    private const int _tokens = 500;
    private const int _turns = 5;
    private static readonly TimeSpan _signingIn = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _checking = TimeSpan.FromSeconds(3);

    /// <summary>Runs everything and prints it.</summary>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine("Starting PostgreSQL, Redis, RabbitMQ and auth …");
        await using var auth = await AuthProcess.StartAsync(await TestServers.GetAsync());
        var cores = Environment.ProcessorCount;
        var people = new List<(string Email, string RefreshToken)>();
        for (var i = 0; i < _accounts; i++)
            people.Add(await auth.RegisterAsync());

        var hash = HashMilliseconds();
        await SignInAsync(auth, people, 2 * cores, TimeSpan.FromSeconds(3));
        var before = auth.CpuTime();
        var watch = Stopwatch.StartNew();
        var signIns = await SignInAsync(auth, people, 2 * cores, _signingIn);
        var seconds = watch.Elapsed.TotalSeconds;
        var cpuMilliseconds = (auth.CpuTime() - before).TotalMilliseconds / signIns.Count;
        Console.WriteLine("  signed in");

        var tokens = await TokensAsync(auth, people[0].RefreshToken);
        await using var remembering = await CheckingService.StartAsync(auth.Address, cachedTokens: 10_000);
        await using var forgetful = await CheckingService.StartAsync(auth.Address, cachedTokens: 0);
        var (with, without) = (new List<double>(), new List<double>());
        for (var turn = 0; turn <= _turns; turn++)
        {
            var (a, b) = (await remembering.ChecksPerCoreSecondAsync(tokens, _checking), await forgetful.ChecksPerCoreSecondAsync(tokens, _checking));
            // The first turn warms everything up.
            if (turn == 0)
                continue;
            with.Add(a);
            without.Add(b);
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Sign-ins over HTTP, {2 * cores} people at a time on {cores} cores for {_signingIn.TotalSeconds:0} s (the one who asks shares the cores)
              sign-ins                                  {signIns.Count / seconds,9:0.0} /s   median {At(signIns, 0.5):0} ms, p95 {At(signIns, 0.95):0} ms
              processor time of the hash ({_rounds:N0})    {hash,9:0.0} ms  so at most {cores * 1000 / hash:0.0} /s on {cores} cores
              processor time of auth per sign-in        {cpuMilliseconds,9:0.0} ms  of which {hash / cpuMilliseconds:P0} is the hash

            Checks of access tokens, {_tokens} tokens in turn, signature, claims and revocation, median of {_turns}
              with the cache of checked tokens          {Median(with),9:N0} /s and core
              without                                   {Median(without),9:N0} /s and core
              ratio                                     {Median(with) / Median(without),9:0.0}
            """));
        return 0;
    }

    /// <summary>The times of sign-ins that so many people make one after the other, in milliseconds, sorted.</summary>
    private static async Task<List<double>> SignInAsync(AuthProcess auth, List<(string Email, string RefreshToken)> people, int lanes, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var times = await Task.WhenAll(Enumerable.Range(0, lanes).Select(async lane =>
        {
            var taken = new List<double>();
            for (var i = lane; watch.Elapsed < time; i += lanes)
            {
                var from = watch.Elapsed;
                await auth.LoginAsync(people[i % people.Count].Email);
                taken.Add((watch.Elapsed - from).TotalMilliseconds);
            }
            return taken;
        }));
        return [.. times.SelectMany(t => t).Order()];
    }

    /// <summary>Processor time, not time: what else the machine does is not the hash's.</summary>
    private static double HashMilliseconds()
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var times = new List<double>();
        for (var i = 0; i < 15; i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            Rfc2898DeriveBytes.Pbkdf2("violet-harbor-42", salt, _rounds, HashAlgorithmName.SHA512, 32);
            times.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }
        return Median(times);
    }

    private static async Task<IReadOnlyList<string>> TokensAsync(AuthProcess auth, string refreshToken)
    {
        var tokens = new List<string>();
        while (tokens.Count < _tokens)
        {
            (var token, refreshToken) = await auth.RefreshAsync(refreshToken);
            tokens.Add(token);
        }
        return tokens;
    }

    private static double Median(IEnumerable<double> values) => At([.. values.Order()], 0.5);

    private static double At(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

    /// <summary>The auth service as the mesh starts it.</summary>
    private sealed class AuthProcess : IAsyncDisposable
    {
        private const string _password = "violet-harbor-42";

        private readonly Process _process;
        private readonly HttpClient _http;

        private AuthProcess(Process process, HttpClient http) => (_process, _http) = (process, http);

        public Uri Address => _http.BaseAddress!;

        public static async Task<AuthProcess> StartAsync(TestServers servers)
        {
            var database = await TestDatabase.CreateAsync("auth");
            var address = $"http://127.0.0.1:{FreePort.Find()}";
            var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
            var start = new ProcessStartInfo("dotnet", [Path.Combine(root, "Services/Auth/bin/Release/net10.0/TalentSphere.Auth.dll")])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            foreach (var (name, value) in (Dictionary<string, string>)new()
            {
                ["ASPNETCORE_URLS"] = address,
                ["ConnectionStrings__auth"] = database.ConnectionString,
                ["ConnectionStrings__redis"] = servers.Redis,
                ["ConnectionStrings__rabbitmq"] = servers.RabbitMq,
                ["Database__MigrateOnStart"] = "true",
                ["Auth__KeyEncryptionKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                ["Auth__PasswordRounds"] = _rounds.ToString(CultureInfo.InvariantCulture),
            })
            {
                start.Environment[name] = value;
            }
            var process = Process.Start(start)!;
            _ = process.StandardOutput.ReadToEndAsync();
            var auth = new AuthProcess(process, new HttpClient { BaseAddress = new Uri(address) });
            await Eventually.SeesAsync(async () => (int)(await auth._http.GetAsync("/ready")).StatusCode, s => s == 200, "auth to be ready", TimeSpan.FromMinutes(2));
            return auth;
        }

        public async Task<(string Email, string RefreshToken)> RegisterAsync()
        {
            var email = $"{Guid.CreateVersion7():N}@bench.talentsphere.example";
            var data = await PostAsync("register", new { email, password = _password, name = "Bench" });
            return (email, data["refreshToken"]!.GetValue<string>());
        }

        public Task LoginAsync(string email) => PostAsync("login", new { email, password = _password });

        public async Task<(string Token, string RefreshToken)> RefreshAsync(string refreshToken)
        {
            var data = await PostAsync("refresh", new { refreshToken });
            return (data["accessToken"]!.GetValue<string>(), data["refreshToken"]!.GetValue<string>());
        }

        public TimeSpan CpuTime()
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private async Task<JsonNode> PostAsync(string route, object body)
        {
            using var response = await _http.PostAsJsonAsync("/api/v1/auth/" + route, body);
            response.EnsureSuccessStatusCode();
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!;
        }
    }
}
