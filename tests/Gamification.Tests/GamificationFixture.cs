using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Lms;
using TalentSphere.Gamification.Data;
using TalentSphere.Gamification.Tests;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(GamificationFixture))]

namespace TalentSphere.Gamification.Tests;

/// <summary>The service as it runs in the mesh, one for the assembly; every test brings people of its own.</summary>
public class GamificationFixture : TestService<GamificationDbContext>
{
    public GamificationFixture()
        : base("gamification") => Settings["Logging:LogLevel:Default"] = "Warning";

    /// <summary>Registers somebody.</summary>
    public Task<Guid> RegisterAsync(Guid userId, string name = "Ada Lovelace") =>
        Events.PublishAsync(new UserRegistered(userId, "ada@example.org", name, [Roles.JobSeeker]));

    /// <summary>Completes a lesson.</summary>
    public Task<Guid> CompleteLessonAsync(Guid userId, Guid? courseId = null, Guid? lessonId = null, DateTime? at = null, Guid? eventId = null) => Events.PublishAsync(
        new LessonCompleted(
            Guid.CreateVersion7(), userId, courseId ?? Guid.CreateVersion7(), lessonId ?? Guid.CreateVersion7(), "Pointers", at ?? DateTime.UtcNow), eventId);

    /// <summary>Waits until the user has that many points, by the route that tells.</summary>
    public Task<Answer> HasPointsAsync(Guid userId, int points)
    {
        var client = SignedIn(userId);
        return Eventually.SeesAsync(() => client.AskAsync("/api/v1/gamification/me"), a => a.Data["points"]!.GetValue<int>() == points, $"{points} points");
    }

    /// <summary>Waits until the inbox holds all of these events: whatever they bring, they have brought.</summary>
    public Task HandledAsync(params IReadOnlyCollection<Guid> events) => Eventually.SeesAsync(
        () => WithAsync<GamificationDbContext, int>(db => db.Set<InboxMessage>().CountAsync(m => events.Contains(m.MessageId))), n => n == events.Count,
        $"{events.Count} events to be handled");

    /// <summary>Waits until the leaderboards know everything that is in the user's ledger.</summary>
    public Task PlacedAsync(params IReadOnlyCollection<Guid> users) => Eventually.SeesAsync(
        () => WithAsync<GamificationDbContext, int>(db => db.Learners.CountAsync(l => users.Contains(l.UserId) && l.PlacedEntries == l.Entries)), n => n == users.Count,
        $"{users.Count} learners to be placed", TimeSpan.FromSeconds(45));
}

/// <summary>The same alone with its broker and its cache: nothing is in its ledger that did not come from an event.</summary>
public sealed class RebuildFixture : GamificationFixture
{
    protected override async Task<TestServers> ServersAsync()
    {
        var own = await TestServers.StartAsync("redis", "rabbitmq");
        return own with { Postgres = (await TestServers.GetAsync()).Postgres };
    }
}

/// <summary>The same alone with its broker, its database distributed.</summary>
public sealed class DistributedFixture : GamificationFixture
{
    public DistributedDatabase Database { get; } = new();

    protected override async Task<TestServers> ServersAsync()
    {
        var own = await TestServers.StartAsync("redis", "rabbitmq");
        return own with { Postgres = (await TestServers.GetAsync()).Postgres };
    }

    protected override Task<string> PrepareAsync(string connectionString) => Database.PrepareAsync(connectionString);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        Database.Configure(builder);
    }
}

/// <summary>One more process of the same service: the same database, queue and cache.</summary>
internal sealed class Replica(GamificationFixture first, string? redis = null) : WebApplicationFactory<GamificationDbContext>
{
    public async Task StartAsync()
    {
        UseKestrel(0);
        StartServer();
        var client = CreateClient();
        await Eventually.SeesAsync(async () => (int)(await client.GetAsync("/ready")).StatusCode, s => s == 200, "the replica to be ready");
    }

    public HttpClient SignedIn(Guid userId)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", TestTokens.Mint(userId));
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        var configuration = first.Services.GetRequiredService<IConfiguration>();
        foreach (var key in (string[])["ConnectionStrings:gamification", "ConnectionStrings:rabbitmq", "Auth:Issuer", "Auth:Audience", "Auth:KeySetAddress", "Database:MigrateOnStart", "Logging:LogLevel:Default"])
            builder.UseSetting(key, configuration[key]);
        builder.UseSetting("ConnectionStrings:redis", redis ?? configuration["ConnectionStrings:redis"]);
    }
}
