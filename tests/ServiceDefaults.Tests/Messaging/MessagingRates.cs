using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

/// <summary>How fast it goes; run by name, since a busy machine says nothing about it.</summary>
[Collection("Messaging")]
public sealed class MessagingRates(Servers servers, ITestOutputHelper output)
{
    private readonly string _name = $"t{Guid.CreateVersion7():N}";

    [Fact(Explicit = true)]
    public async Task Rates()
    {
        const int events = 10_000;
        var (outbox, inbox) = (await servers.CreateDatabaseAsync(), await servers.CreateDatabaseAsync());
        await using var sender = await TestService.BuildAsync(_name + "-out", outbox, servers.Rabbit);
        await using (var receiver = await TestService.StartAsync(_name + "-in", inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>()))
            await Probe.UntilAsync(receiver.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        for (var i = 0; i < events; i += 500)
            await sender.PublishAsync([.. Enumerable.Range(i, 500).Select(step => new JourneyAdvanced(Guid.CreateVersion7(), step, Word: "quiet"))]);

        var watch = Stopwatch.StartNew();
        await sender.StartAsync();
        await Probe.UntilAsync(
            () => sender.WithDbAsync(db => db.Outbox.CountAsync(m => m.PublishedAt == null)), left => left == 0, "an empty outbox", 60);
        output.WriteLine($"relay: {events / watch.Elapsed.TotalSeconds:F0} events/s, connecting included");

        await using var consumer = await TestService.StartAsync(_name + "-in", inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        var start = TimeSpan.Zero;
        var committed = consumer.Script.Committed;
        for (var i = 0; i < events; i++)
        {
            await committed.WaitAsync();
            if (i == events / 5)
                start = Environment.CpuUsage.TotalTime;
            if (i == events / 5)
                watch.Restart();
        }
        var cpu = (Environment.CpuUsage.TotalTime - start) / (events * 4 / 5);
        output.WriteLine($"processor: {cpu.TotalMilliseconds:F2} ms per event, consumed and its own event relayed");
        var rate = events * 4 / 5 / watch.Elapsed.TotalSeconds;
        output.WriteLine($"consumer: {rate:F0} events/s, each with an effect and an event of its own, which is relayed meanwhile");
        (await consumer.EffectsAsync()).Select(e => e.Step).ShouldBe(Enumerable.Range(0, events));

        var latencies = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var tick = Stopwatch.GetTimestamp();
            await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), events + i, Word: "quiet"));
            await committed.WaitAsync();
            latencies.Add(Stopwatch.GetElapsedTime(tick).TotalMilliseconds);
        }
        latencies.Sort();
        output.WriteLine($"begin of a save to commit of its effect: median {latencies[500]:F1} ms, p99 {latencies[990]:F1} ms");
    }

    [Fact(Explicit = true)]
    public async Task Idle()
    {
        await using var service = await TestService.StartAsync(
            _name + "-in", await servers.CreateDatabaseAsync(), servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await Probe.UntilAsync(service.HealthAsync, status => status == HealthStatus.Healthy, "a consumer");
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(30));
        process.Refresh();
        output.WriteLine($"idle: {(process.TotalProcessorTime - before).TotalMilliseconds / 300:F2} % of a core");
    }
}
