using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using MassTransit;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Erasure;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// The names on the broker, derived from the code: the exchange, a service's queues, and for each event record its routing key,
/// subject and schema version. Bindings, manifests and the AsyncAPI document come from here and from nowhere else.
/// </summary>
public static class Topology
{
    /// <summary>The one durable topic exchange that every event passes through.</summary>
    public const string Exchange = "talentsphere.events";

    private static readonly ConcurrentDictionary<Type, EventTopic> _topics = new();

    /// <summary>The quorum queue of a service.</summary>
    public static string QueueOf(string service) => $"{service}.events";

    /// <summary>The quorum queue that holds what a service could not handle.</summary>
    public static string DeadLetterQueueOf(string service) => $"{service}.events.dlq";

    /// <summary>The topic of an event record.</summary>
    /// <exception cref="InvalidOperationException">The type is no event, or marks its personal data wrongly: the message says which rule it breaks.</exception>
    public static EventTopic Of(Type eventType) => _topics.GetOrAdd(eventType, Read);

    /// <inheritdoc cref="Of(Type)"/>
    public static EventTopic Of<TEvent>()
        where TEvent : class => Of(typeof(TEvent));

    /// <summary>Every event record of an assembly, by routing key.</summary>
    /// <exception cref="InvalidOperationException">A record breaks a rule, or two records share a key.</exception>
    public static IReadOnlyList<EventTopic> EventsIn(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var topics = assembly.GetTypes().Where(type => type.GetCustomAttribute<TopicAttribute>() is not null).Select(Of)
            .OrderBy(topic => topic.Key, StringComparer.Ordinal).ToList();
        foreach (var pair in topics.Zip(topics.Skip(1)))
        {
            if (pair.First.Key == pair.Second.Key)
                throw new InvalidOperationException($"{pair.First.EventType} and {pair.Second.EventType} share the routing key '{pair.First.Key}'.");
        }
        return topics;
    }

    /// <summary>The events that a set of consumers handles, by routing key: these and no others are bound to the service's queue.</summary>
    /// <exception cref="InvalidOperationException">A type consumes no event, or two consumers handle the same event.</exception>
    public static IReadOnlyList<EventTopic> ConsumedBy(IEnumerable<Type> consumers)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        var handled = new SortedDictionary<string, (EventTopic Topic, Type Consumer)>(StringComparer.Ordinal);
        foreach (var consumer in consumers)
        {
            var events = EventsOf(consumer).ToList();
            if (events.Count == 0)
                throw new InvalidOperationException($"{consumer} implements no IConsumer<T>.");
            foreach (var topic in events)
            {
                if (!handled.TryAdd(topic.Key, (topic, consumer)))
                {
                    throw new InvalidOperationException(
                        $"'{topic.Key}' is handled by {handled[topic.Key].Consumer} and by {consumer}: a service has one consumer per event.");
                }
            }
        }
        return handled.Values.Select(entry => entry.Topic).ToList();
    }

    /// <summary>Every concrete consumer of an assembly. A generic one stands for one of each event of the contracts that its constraint admits.</summary>
    public static IReadOnlyList<Type> ConsumersIn(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.GetInterfaces().Any(IsConsumer))
            .SelectMany(type => type.IsGenericTypeDefinition ? Closed(type) : [type])
            .OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
    }

    /// <summary>A generic consumer of one type parameter, once for each event of the contracts that its constraint admits.</summary>
    public static IEnumerable<Type> Closed(Type consumer)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        var constraints = consumer.GetGenericArguments().Single().GetGenericParameterConstraints();
        return EventsIn(typeof(TopicAttribute).Assembly).Select(topic => topic.EventType)
            .Where(type => constraints.All(constraint => constraint.IsAssignableFrom(type))).Select(type => consumer.MakeGenericType(type));
    }

    /// <summary>What a service's queue is declared with.</summary>
    /// <remarks>
    /// One active consumer keeps the order across replicas. What the broker itself gives up on (a message that took its consumer
    /// down a thousand times) goes to the dead letters too; brokers from version 4 on would otherwise give up at twenty.
    /// </remarks>
    public static IReadOnlyDictionary<string, object?> QueueArguments(string service) => new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["x-queue-type"] = "quorum",
        ["x-single-active-consumer"] = true,
        ["x-delivery-limit"] = 1000,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = DeadLetterQueueOf(service),
    };

    /// <summary>What a service's dead-letter queue is declared with.</summary>
    /// <remarks>Looking at a letter is a delivery that is returned, and brokers from version 4 on drop what was returned twenty times.</remarks>
    public static IReadOnlyDictionary<string, object?> DeadLetterQueueArguments { get; } =
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = int.MaxValue };

    private static IEnumerable<EventTopic> EventsOf(Type consumer) => consumer.GetInterfaces()
        .Where(IsConsumer)
        .Select(i => Of(i.GetGenericArguments()[0]));

    private static bool IsConsumer(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>);

    private static EventTopic Read(Type type)
    {
        var attribute = type.GetCustomAttribute<TopicAttribute>()
            ?? throw new InvalidOperationException($"{type} is not an event: it has no [Topic].");
        if (string.IsNullOrEmpty(type.Namespace))
            throw new InvalidOperationException($"{type} needs a namespace: the bus names messages by it.");
        if (!IsKey(attribute.Key))
            throw new InvalidOperationException($"{type}: '{attribute.Key}' is not <domain>.<entity>.<action> in lower case.");
        if (attribute.SchemaVersion < 1)
            throw new InvalidOperationException($"{type}: the schema version starts at 1.");
        var subject = type.GetProperty(attribute.Subject, BindingFlags.Public | BindingFlags.Instance)
            ?? throw new InvalidOperationException($"{type}: the subject '{attribute.Subject}' is not one of its properties.");
        return new EventTopic(type, attribute.Key, subject.Name, attribute.SchemaVersion, subject);
    }

    private static bool IsKey(string key)
    {
        var segments = key.Split('.');
        return segments.Length == 3 && segments.All(segment =>
            segment.Length > 0 && char.IsAsciiLetterLower(segment[0]) && segment.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
    }
}

/// <summary>One kind of event.</summary>
public sealed class EventTopic
{
    private readonly PropertyInfo _subject;

    internal EventTopic(Type eventType, string key, string subjectProperty, int schemaVersion, PropertyInfo subject)
    {
        EventType = eventType;
        Key = key;
        SubjectProperty = subjectProperty;
        SchemaVersion = schemaVersion;
        _subject = subject;
        Personal = PersonalFields.Of(eventType);
    }

    /// <summary>The record.</summary>
    public Type EventType { get; }

    /// <summary>The routing key.</summary>
    public string Key { get; }

    /// <summary>The service that publishes it: the key's first segment.</summary>
    public string Domain => Key[..Key.IndexOf('.')];

    /// <summary>Its fields that are somebody's; null when it has none.</summary>
    public PersonalFields? Personal { get; }

    /// <summary>The name of the property that holds the aggregate's id.</summary>
    public string SubjectProperty { get; }

    /// <summary>The shape's version.</summary>
    public int SchemaVersion { get; }

    /// <summary>The aggregate's id as text.</summary>
    /// <exception cref="InvalidOperationException">The event does not say which aggregate it is about.</exception>
    public string SubjectOf(object @event) =>
        Convert.ToString(_subject.GetValue(@event), CultureInfo.InvariantCulture) is { Length: > 0 } subject
            ? subject
            : throw new InvalidOperationException($"'{Key}' without a {SubjectProperty}: its subject keeps the order.");

    /// <inheritdoc/>
    public override string ToString() => Key;
}
