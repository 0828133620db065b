using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Notification.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public class ReplicaTests(NotificationFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_client_of_one_replica_hears_what_another_stored()
    {
        await using var second = new Replica(service);
        await second.StartAsync();
        await using var here = await HubClient.OpenAsync(service.Address, TestTokens.Mint(_user));
        await using var there = await HubClient.OpenAsync(second.Address, TestTokens.Mint(_user));
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        await service.Events.PublishAsync(new LevelReached(_user, 3, 300));
        foreach (var client in (HubClient[])[here, there])
        {
            (await client.HearsAsync(2)).Select(n => n["data"]!["level"]!.GetValue<int>()).ShouldBe([2, 3]);
            await Eventually.SeesAsync(() => Task.FromResult(client.Counts), c => c.LastOrDefault() == 2, "the count 2");
        }
        await service.SignedIn(_user).PostAsync("/api/v1/notifications/read-all");
        await Eventually.SeesAsync(() => Task.FromResult(there.Counts), c => c.LastOrDefault(-1) == 0, "the count 0");
        // Each replica hears the channel, and neither says it twice.
        here.Notifications.Count.ShouldBe(2);
        there.Notifications.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_Redis_a_replica_still_pushes_to_its_own_clients()
    {
        await using var alone = new Replica(service, redis: "127.0.0.1:1,connectTimeout=200");
        await alone.StartAsync();
        var id = (await service.GiveAsync(_user, 1)).Data[0]!["id"]!.GetValue<Guid>();
        await using var client = await HubClient.OpenAsync(alone.Address, TestTokens.Mint(_user));
        await alone.SignedIn(_user).PostAsync($"/api/v1/notifications/{id}/read");
        await Eventually.SeesAsync(() => Task.FromResult(client.Counts), c => c.LastOrDefault(-1) == 0, "the count 0");
        (await alone.CreateClient().GetStringAsync("/ready")).ShouldContain("degraded");
    }

    /// <summary>One more process of the same service: the same database, queue and cache.</summary>
    internal sealed class Replica(NotificationFixture first, string? redis = null) : WebApplicationFactory<NotificationDbContext>
    {
        public Uri Address => ClientOptions.BaseAddress;

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
            foreach (var key in (string[])["ConnectionStrings:notification", "ConnectionStrings:rabbitmq", "Auth:Issuer", "Auth:Audience", "Auth:KeySetAddress", "Database:MigrateOnStart"])
                builder.UseSetting(key, configuration[key]);
            builder.UseSetting("ConnectionStrings:redis", redis ?? configuration["ConnectionStrings:redis"]);
        }
    }
}
