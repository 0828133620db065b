using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Tests;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(NotificationFixture))]

namespace TalentSphere.Notification.Tests;

/// <summary>The service as it runs in the mesh, one for the assembly; every test brings people of its own.</summary>
public class NotificationFixture() : TestService<NotificationDbContext>("notification")
{
    /// <summary>Waits until this many notifications are in the person's list.</summary>
    public Task<Answer> ListedAsync(Guid userId, int count, string query = "")
    {
        var client = SignedIn(userId);
        return Eventually.SeesAsync(
            () => client.AskAsync("/api/v1/notifications?limit=100" + query), a => a.Json["meta"]?["total"]?.GetValue<int>() == count, $"{count} notifications");
    }

    /// <summary>Waits until the inbox holds all of these events.</summary>
    public Task HandledAsync(IReadOnlyCollection<Guid> events) => Eventually.SeesAsync(
        () => WithAsync<NotificationDbContext, int>(db => db.Set<InboxMessage>().CountAsync(m => events.Contains(m.MessageId))), n => n == events.Count,
        $"{events.Count} events to be handled");

    /// <summary>Gives a person notifications, and waits for them.</summary>
    public async Task<Answer> GiveAsync(Guid userId, int count)
    {
        foreach (var n in Enumerable.Range(1, count))
            await Events.PublishAsync(new PointsAwarded(userId, Guid.CreateVersion7(), n, "lesson", n));
        return await ListedAsync(userId, count);
    }
}

/// <summary>The same alone with its broker: nothing is in its database that did not come from an event.</summary>
public sealed class RebuildFixture : NotificationFixture
{
    protected override async Task<TestServers> ServersAsync() =>
        await TestServers.GetAsync() with { RabbitMq = (await TestServers.StartAsync("rabbitmq")).RabbitMq };
}

/// <summary>The same alone with its broker, its database distributed.</summary>
public sealed class DistributedFixture : NotificationFixture
{
    public DistributedDatabase Database { get; } = new();

    protected override async Task<TestServers> ServersAsync() =>
        await TestServers.GetAsync() with { RabbitMq = (await TestServers.StartAsync("rabbitmq")).RabbitMq };

    protected override Task<string> PrepareAsync(string connectionString) => Database.PrepareAsync(connectionString);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        Database.Configure(builder);
    }
}
