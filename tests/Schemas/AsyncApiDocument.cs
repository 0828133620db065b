using System.Text.Json;
using System.Text.Json.Nodes;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Schemas;

/// <summary>
/// The AsyncAPI 3.0 document of the mesh: a channel per event with its routing key, who sends it and who receives it; a channel per queue with the arguments
/// that it is declared with. All of it is derived from <see cref="Topology"/>, the records and the consumers.
/// </summary>
public static class AsyncApiDocument
{
    /// <summary>The extension that names the field by which events keep their order.</summary>
    public const string Subject = "x-subject";

    /// <summary>The extension that tells the version of the shape.</summary>
    public const string SchemaVersion = "x-schema-version";

    private const string _binding = "0.3.0";

    /// <summary>The document.</summary>
    public static JsonObject Of(IReadOnlyList<EventTopic> events, IReadOnlyList<MeshService> services)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(services);
        var channels = new JsonObject();
        var operations = new JsonObject();
        var messages = new JsonObject();
        foreach (var topic in events)
        {
            channels[topic.Key] = EventChannel(topic);
            messages[topic.Key] = Message(topic);
            var source = SourceOf(topic);
            operations[$"{source}.send.{topic.Key}"] = Operation("send", source, topic);
            foreach (var service in services.Where(s => s.Hears.Any(t => t.Key == topic.Key)))
                operations[$"{service.Name}.receive.{topic.Key}"] = Operation("receive", service.Name, topic);
        }
        foreach (var service in services.Where(s => s.Hears.Count > 0))
        {
            channels[Topology.QueueOf(service.Name)] = QueueChannel(
                Topology.QueueOf(service.Name), $"The events that {service.Name} handles. Bound to {Topology.Exchange} with exactly their routing keys.",
                service, Topology.QueueArguments(service.Name));
            channels[Topology.DeadLetterQueueOf(service.Name)] = QueueChannel(
                Topology.DeadLetterQueueOf(service.Name),
                $"What {service.Name} could not handle, as it came, with the reason in its headers. Bound to nothing.",
                service, Topology.DeadLetterQueueArguments);
        }
        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "TalentSphere events",
                ["version"] = $"{typeof(EventEnvelope).Assembly.GetName().Version?.ToString(3)}",
                ["description"] = $"Every event is one persistent JSON message on the durable topic exchange {Topology.Exchange}, under its routing key. "
                    + "Each service has one quorum queue, bound to the keys that it handles. "
                    + "Contracts only grow: a field may be added, nothing is removed, renamed, narrowed or made required. "
                    + "Generated from the records and the consumers; not edited by hand.",
            },
            ["defaultContentType"] = Wire.ContentType,
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject { ["messages"] = messages, ["messageTraits"] = new JsonObject { ["event"] = Trait() } },
        };
    }

    /// <summary>The service that publishes an event: the key's domain.</summary>
    public static string SourceOf(EventTopic topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return topic.Key[..topic.Key.IndexOf('.')];
    }

    private static JsonObject EventChannel(EventTopic topic) => new()
    {
        ["address"] = topic.Key,
        ["title"] = topic.EventType.Name,
        ["messages"] = new JsonObject { [topic.Key] = Reference($"#/components/messages/{topic.Key}") },
        ["tags"] = Tags(SourceOf(topic)),
        ["bindings"] = Amqp(new JsonObject
        {
            ["is"] = "routingKey",
            ["exchange"] = new JsonObject { ["name"] = Topology.Exchange, ["type"] = "topic", ["durable"] = true, ["autoDelete"] = false, ["vhost"] = "/" },
        }),
    };

    private static JsonObject QueueChannel(string queue, string description, MeshService service, IReadOnlyDictionary<string, object?> arguments) => new()
    {
        ["address"] = queue,
        ["description"] = description,
        ["messages"] = new JsonObject(service.Hears.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)Reference($"#/components/messages/{t.Key}")))),
        ["tags"] = Tags(service.Name),
        ["bindings"] = Amqp(new JsonObject
        {
            ["is"] = "queue",
            ["queue"] = new JsonObject { ["name"] = queue, ["durable"] = true, ["exclusive"] = false, ["autoDelete"] = false, ["vhost"] = "/" },
        }),
        ["x-queue-arguments"] = new JsonObject(arguments.Select(a => KeyValuePair.Create(a.Key, JsonSerializer.SerializeToNode(a.Value)))),
    };

    private static JsonObject Operation(string action, string service, EventTopic topic)
    {
        var operation = new JsonObject
        {
            ["action"] = action,
            ["channel"] = Reference($"#/channels/{topic.Key}"),
            ["messages"] = new JsonArray(Reference($"#/channels/{topic.Key}/messages/{topic.Key}")),
            ["tags"] = Tags(service),
        };
        if (action == "send")
            operation["bindings"] = Amqp(new JsonObject { ["deliveryMode"] = 2, ["mandatory"] = false });
        else
            operation["bindings"] = Amqp(new JsonObject { ["ack"] = true });
        operation["x-service"] = service;
        if (action == "receive")
        {
            operation["x-queue"] = Topology.QueueOf(service);
            operation["x-dead-letter-queue"] = Topology.DeadLetterQueueOf(service);
        }
        return operation;
    }

    private static JsonObject Message(EventTopic topic)
    {
        var message = new JsonObject { ["name"] = topic.Key, ["title"] = topic.EventType.Name };
        if (RecordDocs.Of(topic.EventType.Assembly).Summary(topic.EventType) is { } summary)
            message["summary"] = summary;
        message["traits"] = new JsonArray(Reference("#/components/messageTraits/event"));
        message["payload"] = new JsonObject
        {
            ["allOf"] = new JsonArray(
                Reference($"./{SchemaSet.Envelope}"),
                new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["eventType"] = new JsonObject { ["const"] = topic.Key },
                        ["data"] = Reference($"./{SchemaSet.FileOf(topic)}"),
                    },
                }),
        };
        message["bindings"] = Amqp(new JsonObject { ["messageType"] = topic.Key });
        message[Subject] = Wire.Json.PropertyNamingPolicy!.ConvertName(topic.SubjectProperty);
        message[SchemaVersion] = topic.SchemaVersion;
        return message;
    }

    private static JsonObject Trait() => new()
    {
        ["contentType"] = Wire.ContentType,
        ["headers"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                [Correlation.HeaderName] = Header("The request that the event follows from; the same as in the envelope."),
                [Wire.TraceParent] = Header("W3C trace context of the publisher, when there was a trace."),
            },
        },
        ["correlationId"] = new JsonObject { ["location"] = "$message.payload#/correlationId" },
        ["description"] = "message-id is the envelope's eventId, type is its eventType.",
    };

    private static JsonObject Header(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Reference(string to) => new() { ["$ref"] = to };

    private static JsonArray Tags(string service) => new(new JsonObject { ["name"] = service });

    private static JsonObject Amqp(JsonObject binding)
    {
        binding["bindingVersion"] = _binding;
        return new JsonObject { ["amqp"] = binding };
    }
}
