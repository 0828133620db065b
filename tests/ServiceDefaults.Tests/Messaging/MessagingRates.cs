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
            await sender.PublishAsync([.. Enumerable.Range(i, 500).Select(step => new JourneyAdvanced(Guid.CreateVersion7(), step))]);

        var watch = Stopwatch.StartNew();
        await sender.StartAsync();
        await Probe.UntilAsync(
            () => sender.WithDbAsync(db => db.Outbox.CountAsync(m => m.PublishedAt == null)), left => left == 0, "an empty outbox", 60);
        output.WriteLine($"relay: {events / watch.Elapsed.TotalSeconds:F0} events/s, connecting included");

        await using var consumer = await TestService.StartAsync(_name + "-in", inbox, servers.Rabbit, m => m.AddConsumer<RecordJourney>());
        await Probe.UntilAsync(() => consumer.WithDbAsync(db => db.Effects.CountAsync()), seen => seen > 200, "warmed up");
        var (start, before) = (Stopwatch.GetTimestamp(), await consumer.WithDbAsync(db => db.Effects.CountAsync()));
        await Probe.UntilAsync(() => consumer.WithDbAsync(db => db.Effects.CountAsync()), seen => seen >= events, "everything applied", 120);
        var rate = (events - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine($"consumer: {rate:F0} events/s, each with an effect, an event of its own and a push");
        (await consumer.EffectsAsync()).Select(e => e.Step).ShouldBe(Enumerable.Range(0, events));

        var latencies = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var step = events + i;
            var tick = Stopwatch.GetTimestamp();
            await sender.PublishAsync(new JourneyAdvanced(Guid.CreateVersion7(), step));
            while (!consumer.Script.Said.Any(said => said.StartsWith($"{step} ", StringComparison.Ordinal)))
                await Task.Yield();
            latencies.Add(Stopwatch.GetElapsedTime(tick).TotalMilliseconds);
            consumer.Script.Said.Clear();
        }
        latencies.Sort();
        output.WriteLine($"save to push after the effect: median {latencies[500]:F1} ms, p99 {latencies[990]:F1} ms");
    }
}
