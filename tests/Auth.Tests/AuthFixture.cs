using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Tests;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(AuthFixture))]

namespace TalentSphere.Auth.Tests;

/// <summary>The auth service with its development accounts.</summary>
public class AuthFixture : TestService<AuthOptions>
{
    public const string SeedPassword = "seeded-for-tests-only-7";

    public AuthFixture()
        : base("auth")
    {
        Settings["Auth:KeyEncryptionKey"] = "a-secret-of-the-test-run-and-of-nothing-else";
        Settings["Auth:Seed:Password"] = SeedPassword;
        Settings["Auth:WaitingHashes"] = "500";
        // Every test comes from the same address.
        Settings["Auth:FailuresPerAddress"] = "100000";
        Settings["Mail:Folder"] = MailFolder;
        Settings["Mail:Interval"] = "00:00:00.1";
    }

    /// <summary>Where mail goes.</summary>
    public string MailFolder { get; } = Directory.CreateTempSubdirectory("talentsphere-mail-").FullName;

    /// <summary>Every log line so far.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>The service's clock.</summary>
    public MovableClock Clock { get; } = new();

    /// <summary>An address that nobody has.</summary>
    public static string NewEmail() => $"person-{Guid.CreateVersion7():N}@example.org";

    /// <summary>Opens an account and signs it in.</summary>
    public async Task<Person> RegisterAsync(string? role = null)
    {
        var email = NewEmail();
        var answer = await Anonymous().PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = "Mia Müller", role });
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Body);
        return Read(answer, email);
    }

    /// <summary>Signs in.</summary>
    public Task<Answer> LoginAsync(string email, string password) => Anonymous().PostAsync("/api/v1/auth/login", new { email, password });

    /// <summary>Signs in and keeps the tokens.</summary>
    public async Task<Person> SignInAsync(string email, string password)
    {
        var answer = await LoginAsync(email, password);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        return Read(answer, email);
    }

    public Task<Answer> RefreshAsync(string refreshToken) => Anonymous().PostAsync("/api/v1/auth/refresh", new { refreshToken });

    /// <summary>Waits for mails to an address, oldest first.</summary>
    public Task<IReadOnlyList<ReadMail>> MailsAsync(string to, string subject, int count = 1) => Eventually.SeesAsync<IReadOnlyList<ReadMail>>(
        () => Task.FromResult(MailsTo(to, subject)), mails => mails.Count >= count, $"{count} mails “{subject}” to {to}");

    /// <summary>The mails to an address that are there.</summary>
    public IReadOnlyList<ReadMail> MailsTo(string to, string subject = "") =>
        [.. Directory.GetFiles(MailFolder, "*.eml").Order(StringComparer.Ordinal).Select(ReadMail.Of).Where(m => m.To == to && m.Subject.StartsWith(subject, StringComparison.Ordinal))];

    /// <summary>A client with any token.</summary>
    public HttpClient Bearer(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A look into the database.</summary>
    public Task<T> InDatabaseAsync<T>(Func<AuthDbContext, Task<T>> look) => WithAsync(look);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(MailFolder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            services.AddSingleton<ILoggerProvider>(new Listener(Log));
        });
    }

    private static Person Read(Answer answer, string email) => new(
        answer.Data["user"]!["id"]!.GetValue<Guid>(), email, answer.Data["accessToken"]!.GetValue<string>(), answer.Data["refreshToken"]!.GetValue<string>());

    private sealed class Listener(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose() => lines.Enqueue("end");
    }
}

/// <summary>A mail that was put into the folder.</summary>
public sealed record ReadMail(string To, string Subject, string Text)
{
    /// <summary>What the link in it carries.</summary>
    public string Token => Text.Split("#token=")[1].Split('\r', '\n')[0];

    public static ReadMail Of(string file)
    {
        var parts = File.ReadAllText(file).Split("\r\n\r\n", 2);
        var headers = parts[0].Split("\r\n").Select(h => h.Split(": ", 2)).ToDictionary(h => h[0], h => h[1]);
        return new(headers["To"].Split('<')[1].TrimEnd('>'), headers["Subject"], parts[1]);
    }
}

/// <summary>Somebody who is signed in.</summary>
public sealed record Person(Guid Id, string Email, string AccessToken, string RefreshToken)
{
    public const string Password = "violet-harbor-42";
}

/// <summary>The real time, plus what a test has moved it by.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public override long GetTimestamp() => base.GetTimestamp() + (Interlocked.Read(ref _ahead) * (TimestampFrequency / TimeSpan.TicksPerSecond));

    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
