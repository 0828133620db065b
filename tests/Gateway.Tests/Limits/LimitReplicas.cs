using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.ServiceDefaults.Caching;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>The limits of several replicas without their gateways, on a real Redis or on none.</summary>
internal sealed class LimitReplicas : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];

    /// <summary>The policy under test, at each replica.</summary>
    public List<LimitPolicy> Policies { get; } = [];

    public static async Task<LimitReplicas> StartAsync(int count, string? redis, string policy, LimitPolicyOptions limit, TimeProvider? time = null)
    {
        var replicas = new LimitReplicas();
        for (var i = 0; i < count; i++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new());
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = redis,
                ["Limits:Replicas"] = count.ToString(),
                ["Limits:StoreTimeout"] = "00:00:05",
                ["Limits:Policies:anonymous:Permits"] = "100",
                ["Limits:Policies:anonymous:Window"] = "00:15:00",
                ["Limits:Policies:user:Permits"] = "10",
                ["Limits:Policies:user:Window"] = "00:00:01",
                ["Limits:Policies:user:By"] = "user",
                [$"Limits:Policies:{policy}:Permits"] = limit.Permits.ToString(),
                [$"Limits:Policies:{policy}:Window"] = limit.Window.ToString(),
                [$"Limits:Policies:{policy}:Burst"] = limit.Burst?.ToString(),
            });
            builder.Services.AddMetrics();
            builder.Services.AddSingleton(time ?? TimeProvider.System);
            builder.AddRedis();
            builder.AddLimits();
            var host = builder.Build();
            replicas._hosts.Add(host);
            if (redis is not null)
                await host.StartAsync();
            replicas.Policies.Add(host.Services.GetRequiredService<LimitPolicies>().Current.Find(policy)!);
        }
        return replicas;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class HandClock : TimeProvider
{
    private TimeSpan _now = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000) + _now;

    public void Advance(TimeSpan time) => _now += time;
}
