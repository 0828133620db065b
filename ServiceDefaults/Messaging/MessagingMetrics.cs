using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>What the messaging tells about itself: meter and activity source <c>TalentSphere.Messaging</c>.</summary>
public sealed class MessagingMetrics
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "TalentSphere.Messaging";

    private readonly Counter<long> _published;
    private readonly Counter<long> _processed;
    private readonly Counter<long> _consumerLosses;
    private readonly TimeProvider _time;
    private Backlog? _backlog;
    private StrongBox<long>? _deadLetters;

    /// <summary>Makes the instruments.</summary>
    public MessagingMetrics(IMeterFactory meters, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _time = time;
        var meter = meters.Create(Name);
        _published = meter.CreateCounter<long>("outbox_published_total", description: "Events that the broker confirmed");
        _processed = meter.CreateCounter<long>(
            "queue_messages_processed_total", description: "Messages by event and outcome: applied, duplicate, retried, dead");
        _consumerLosses = meter.CreateCounter<long>("queue_consumer_losses_total", description: "Times that the queue's consumer was lost although the broker was there");
        meter.CreateObservableGauge("outbox_pending", () => Observe(b => (double)b.Pending), description: "Committed events that are not published yet");
        meter.CreateObservableGauge("outbox_set_aside", () => Observe(b => (double)b.SetAside), description: "Events that the relay gave up on");
        meter.CreateObservableGauge("outbox_oldest_seconds",
            () => Observe(b => b.Oldest is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0),
            description: "Age of the oldest event that is not published yet");
        meter.CreateObservableGauge("queue_dead_letters", () => Observe(_ => Volatile.Read(ref _deadLetters)?.Value),
            description: "Messages that this service gave up on");
    }

    /// <summary>The relay's spans.</summary>
    internal static ActivitySource Source { get; } = new(Name);

    internal void Published(int count) => _published.Add(count);

    internal void Processed(string eventType, string outcome) => _processed.Add(1, new("event", eventType), new("outcome", outcome));

    internal void ConsumerLost() => _consumerLosses.Add(1);

    /// <summary>Notes what waits; a replica that is not the active relay says nothing, so that the sum over replicas is right.</summary>
    internal void Waiting(Backlog? backlog) => Volatile.Write(ref _backlog, backlog);

    /// <summary>Whether this replica is the one that speaks for the service.</summary>
    internal bool Leads => Volatile.Read(ref _backlog) is not null;

    /// <summary>Notes how many dead letters there are; null when nobody knows.</summary>
    internal void DeadLetters(long? depth) => Volatile.Write(ref _deadLetters, depth is { } known ? new(known) : null);

    private IEnumerable<Measurement<double>> Observe(Func<Backlog, double?> read) =>
        Volatile.Read(ref _backlog) is { } backlog && read(backlog) is { } value ? [new Measurement<double>(value)] : [];

    internal sealed record Backlog(long Pending, DateTimeOffset? Oldest, long SetAside);
}
