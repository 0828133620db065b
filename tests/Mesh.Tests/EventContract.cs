using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using TalentSphere.Cli.Mesh;
using TalentSphere.Schemas;

namespace TalentSphere.Mesh.Tests;

/// <summary>What the committed schemas say of a message. They are all that it knows: no record, no topology.</summary>
internal sealed class EventContract
{
    private readonly IReadOnlyDictionary<string, string> _files = SchemaSet.Read(MeshPaths.Root);
    private readonly JsonNode _asyncApi;

    public EventContract() => _asyncApi = JsonNode.Parse(_files[SchemaSet.AsyncApi])!;

    /// <summary>What is wrong with a message; empty when it keeps the contract.</summary>
    public IReadOnlyList<string> Breaches(RawMessage message)
    {
        if (_asyncApi["channels"]![message.RoutingKey]?["bindings"]?["amqp"] is not { } binding)
            return [$"{message.RoutingKey}: no channel has this routing key"];
        JsonNode? body;
        try
        {
            body = JsonNode.Parse(message.Body);
        }
        catch (JsonException e)
        {
            return [$"{message.RoutingKey}: {e.Message}"];
        }
        var wrong = SchemaValidator.Validate(Schema(SchemaSet.Envelope), body).ToList();
        // What follows needs an envelope.
        if (wrong.Count == 0)
        {
            wrong.AddRange(SchemaValidator.Validate(Schema(message.RoutingKey + ".json"), body!["data"]).Select(w => "data: " + w));
            wrong.AddRange(Differences(message, binding, body).Where(d => d.Is != d.Should).Select(d => $"{d.What} is '{d.Is}' and not '{d.Should}'"));
        }
        return [.. wrong.Select(w => $"{message.RoutingKey}: {w}")];
    }

    private IEnumerable<(string What, string? Is, string? Should)> Differences(RawMessage message, JsonNode binding, JsonNode envelope)
    {
        var documented = _asyncApi["components"]!["messages"]![message.RoutingKey]!;
        yield return ("the exchange", message.Exchange, (string?)binding["exchange"]!["name"]);
        yield return ("the content type", message.Properties.ContentType, (string?)_asyncApi["defaultContentType"]);
        yield return ("the delivery mode", message.Properties.DeliveryMode.ToString(), nameof(DeliveryModes.Persistent));
        yield return ("message-id", message.Properties.MessageId, (string?)envelope["eventId"]);
        yield return ("type", message.Properties.Type, (string?)documented["bindings"]!["amqp"]!["messageType"]);
        yield return ("eventType", (string?)envelope["eventType"], message.RoutingKey);
        yield return ("the correlation header", Header(message, "x-correlation-id"), (string?)envelope["correlationId"]);
        yield return ("schemaVersion", envelope["schemaVersion"]!.ToString(), documented[AsyncApiDocument.SchemaVersion]!.ToString());
        yield return ("source", (string?)envelope["source"], message.RoutingKey[..message.RoutingKey.IndexOf('.')]);
        yield return ("subject", (string?)envelope["subject"], (string?)envelope["data"]![(string)documented[AsyncApiDocument.Subject]!]);
    }

    private JsonNode Schema(string file) => JsonNode.Parse(_files[file])!;

    private static string? Header(RawMessage message, string name)
    {
        object? value = null;
        message.Properties.Headers?.TryGetValue(name, out value);
        // AMQP's long strings come as bytes.
        return value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString();
    }
}
