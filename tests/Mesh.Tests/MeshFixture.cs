using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using TalentSphere.Cli.Demo;
using TalentSphere.Cli.Mesh;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>A whole mesh of the assembly's own: the real AppHost with the dashboard, beside whatever else runs here.</summary>
public sealed class MeshFixture : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, string> _secrets = new();
    private readonly MeshCommand _command = MeshCommand.InTemporaryDirectory();
    private Task<Account>? _everyRole;

    internal MeshCommand Command => _command;

    /// <summary>The gateway.</summary>
    public Uri Gateway { get; private set; } = null!;

    /// <summary>Where artefacts go that are worth keeping.</summary>
    public static string Results { get; } =
        Directory.CreateDirectory(Environment.GetEnvironmentVariable("TALENTSPHERE_TEST_RESULTS") ?? Path.Combine(MeshPaths.Root, "TestResults")).FullName;

    /// <summary>An account that holds all five roles.</summary>
    public Task<Account> EveryRole => _everyRole ??= CreateEveryRoleAsync();

    /// <summary>Its token was made worthless: whoever needs it next gets another.</summary>
    public void ForgetEveryRole() => _everyRole = null;

    /// <summary>Every password and token used so far, and what it was.</summary>
    public IReadOnlyDictionary<string, string> Secrets => _secrets;

    public async ValueTask InitializeAsync()
    {
        _command.EndWithThisProcess();
        var outcome = await _command.UpAsync(MeshCommand.FreePort(), dashboard: true);
        if (outcome.ExitCode != 0)
            throw new InvalidOperationException($"The mesh did not start: {outcome}");
        Gateway = new Uri((await _command.StatusAsync()).Mesh.GatewayUrl!);
        foreach (var (name, value) in _command.Parameters.Where(p => p.Value.Length >= 16))
            Keep(value, name);
    }

    public async ValueTask DisposeAsync()
    {
        var leaks = FindLeaks();
        var outcome = await _command.RunAsync("down");
        KeepLogs();
        if (outcome.ExitCode != 0)
            throw new InvalidOperationException($"The mesh did not stop: {outcome}");
        StateFiles.Delete(_command.State);
        if (leaks.Count > 0)
            throw new InvalidOperationException($"Secrets in the logs: {string.Join(", ", leaks)}");
    }

    /// <summary>Remembers a password or token, which is to be found nowhere later.</summary>
    public string Keep(string secret, string what)
    {
        _secrets.TryAdd(secret, what);
        return secret;
    }

    /// <summary>Where a log holds a secret; by the secret's name, not its text.</summary>
    public IReadOnlyList<string> FindLeaks()
    {
        // The part of a token that identifies it: header and issuer are the same in all.
        var needles = _secrets.Select(s => (What: s.Value, Text: s.Key.Length > 200 ? s.Key[^60..] : s.Key)).ToList();
        return
        [
            .. _command.ReadLogs().SelectMany(
                log => needles.Where(n => log.Text.Contains(n.Text, StringComparison.Ordinal)).Select(n => $"{n.What} in {log.File}")),
        ];
    }

    /// <summary>A story on this mesh; what it used is remembered as secret when it ends.</summary>
    public async Task<StoryResult> TellAsync(IStoryTeller teller)
    {
        var story = new Story(Gateway, (role, _) => Task.FromResult(SeededAccount(role)), teller);
        try
        {
            return await story.TellAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (var (secret, what) in story.Secrets)
                Keep(secret, "a story's " + what);
        }
    }

    /// <summary>A client that is not signed in.</summary>
    public HttpClient Anonymous() => new(new SecretRecorder(Keep, new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }))
    {
        BaseAddress = Gateway,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>A client with a token, good or bad.</summary>
    public HttpClient WithToken(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Opens an account.</summary>
    public async Task<Account> RegisterAsync(string role)
    {
        var email = $"{role}.{Guid.CreateVersion7():N}@mesh.talentsphere.example";
        var password = Keep(RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", 20), "a registered password");
        using var client = Anonymous();
        return Read(email, password, await client.PostAsync("/api/v1/auth/register", new { email, password, name = "Mesh Tester", role }));
    }

    /// <summary>Signs in.</summary>
    public async Task<Account> SignInAsync(string email, string password)
    {
        using var client = Anonymous();
        return Read(email, password, await client.PostAsync("/api/v1/auth/login", new { email, password }));
    }

    /// <summary>The development account of a role.</summary>
    public StoryCredentials SeededAccount(string role) => new($"{role}@talentsphere.example", _command.Parameters["seed-password"]);

    private async Task<Account> CreateEveryRoleAsync()
    {
        var (email, password) = SeededAccount("admin");
        var admin = await SignInAsync(email, password);
        var account = await RegisterAsync("jobseeker");
        using var client = WithToken(admin.Token);
        string[] roles = ["jobseeker", "employer", "instructor", "admin", "ops"];
        var answer = await client.PutAsync($"/api/v1/auth/users/{account.Id}/roles", new { roles });
        answer.Status.ShouldBe(System.Net.HttpStatusCode.OK, answer.Body);
        return await SignInAsync(account.Email, account.Password);
    }

    private Account Read(string email, string password, Answer answer)
    {
        ((int)answer.Status).ShouldBeInRange(200, 201, answer.Body);
        return new(
            answer.Data["user"]!["id"]!.GetValue<Guid>(), email, password, Keep(answer.Data["accessToken"]!.GetValue<string>(), "an access token"),
            Keep(answer.Data["refreshToken"]!.GetValue<string>(), "a refresh token"));
    }

    private void KeepLogs()
    {
        var kept = Directory.CreateDirectory(Path.Combine(Results, "mesh-logs")).FullName;
        foreach (var (file, text) in _command.ReadLogs())
            File.WriteAllText(Path.Combine(kept, file), text);
    }
}

/// <summary>An account of a test's own.</summary>
public sealed record Account(Guid Id, string Email, string Password, string Token, string RefreshToken)
{
    /// <inheritdoc/>
    public override string ToString() => Email;
}
