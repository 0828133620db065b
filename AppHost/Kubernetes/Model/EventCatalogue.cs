using System.Text.Json;

namespace TalentSphere.AppHost.Kubernetes.Model;

/// <summary>
/// Who publishes and who hears what, from the AsyncAPI document that is generated from the records and the consumers. A binding that goes away in the code goes
/// away there, and with it its queue, its scaler and its edge.
/// </summary>
internal sealed class EventCatalogue
{
    private readonly Dictionary<string, EventQueue> _queues;
    private readonly Dictionary<string, IReadOnlyList<string>> _published;

    private EventCatalogue(string exchange, Dictionary<string, EventQueue> queues, Dictionary<string, IReadOnlyList<string>> published)
    {
        (Exchange, _queues, _published) = (exchange, queues, published);
    }

    /// <summary>A mesh in which nothing is published.</summary>
    public static EventCatalogue Empty { get; } = new("", [], []);

    /// <summary>The exchange that every event passes.</summary>
    public string Exchange { get; }

    public EventQueue? QueueOf(string service) => _queues.GetValueOrDefault(service);

    public IReadOnlyList<string> PublishedBy(string service) => _published.GetValueOrDefault(service) ?? [];

    public static EventCatalogue Load(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return Read(document.RootElement);
    }

    public static EventCatalogue Read(JsonElement document)
    {
        var operations = document.GetProperty("operations").EnumerateObject().Select(o => o.Value).Select(o => new
        {
            Service = Text(o, "x-service"),
            Topic = Text(o.GetProperty("channel"), "$ref").Split('/')[^1],
            Receives = Text(o, "action") == "receive",
            Operation = o,
        }).ToList();
        var queues = operations.Where(o => o.Receives).GroupBy(o => o.Service, StringComparer.Ordinal).ToDictionary(
            g => g.Key,
            g => new EventQueue(
                g.Select(o => Text(o.Operation, "x-queue")).Distinct(StringComparer.Ordinal).Single(),
                g.Select(o => Text(o.Operation, "x-dead-letter-queue")).Distinct(StringComparer.Ordinal).Single(),
                [.. g.Select(o => o.Topic).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]),
            StringComparer.Ordinal);
        var published = operations.Where(o => !o.Receives).GroupBy(o => o.Service, StringComparer.Ordinal).ToDictionary(
            g => g.Key, g => (IReadOnlyList<string>)[.. g.Select(o => o.Topic).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], StringComparer.Ordinal);
        // Channels are routing keys on the exchange, and queues.
        var exchange = document.GetProperty("channels").EnumerateObject().Select(c => c.Value.GetProperty("bindings").GetProperty("amqp"))
            .Where(b => Text(b, "is") == "routingKey").Select(b => Text(b.GetProperty("exchange"), "name")).Distinct(StringComparer.Ordinal).Single();
        return new(exchange, queues, published);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()
        ?? throw new DistributedApplicationException($"The event contracts name no '{name}'.");
}
