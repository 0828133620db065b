using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Challenges.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Challenges.Tests.Judging;

/// <summary>The service alone with its broker, its cache and its judge, so that these can be taken away; leases are short, so that a loss is soon found out.</summary>
public sealed class JudgingFixture : ChallengesFixture
{
    public JudgingFixture()
    {
        Settings["SampleContent:Load"] = "false";
        Settings["Judge:Lease"] = "00:00:02";
        Settings["Judge:Poll"] = "00:00:00.5";
        Settings["Judge:Watch"] = "00:00:00.2";
        Settings["Judge:FirstRetry"] = "00:00:00.02";
        Settings["Judge:PendingPerUser"] = "20";
    }

    protected override async Task<TestServers> ServersAsync()
    {
        var own = await TestServers.StartAsync("redis", "rabbitmq");
        return own with { Postgres = (await TestServers.GetAsync()).Postgres };
    }
}

/// <summary>One more process of the same service: the same database, queue, cache and judge.</summary>
internal sealed class Replica(ChallengesFixture first, string? redis = null) : WebApplicationFactory<ChallengesDbContext>
{
    public Uri Address => ClientOptions.BaseAddress;

    public async Task StartAsync()
    {
        UseKestrel(0);
        StartServer();
        var client = CreateClient();
        await Eventually.SeesAsync(async () => (int)(await client.GetAsync("/ready")).StatusCode, s => s == 200, "the replica to be ready");
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in first.Services.GetRequiredService<IConfiguration>().AsEnumerable()
            .Where(s => s.Value is not null && (s.Key.StartsWith("Judge:") || s.Key.StartsWith("Proofs:") || s.Key.StartsWith("Auth:") || s.Key.StartsWith("ConnectionStrings:")
                || s.Key.StartsWith("services:") || s.Key.StartsWith("Logging:") || s.Key.StartsWith("Database:") || s.Key.StartsWith("SampleContent:"))))
            builder.UseSetting(key, value);
        if (redis is not null)
            builder.UseSetting("ConnectionStrings:redis", redis);
    }
}
