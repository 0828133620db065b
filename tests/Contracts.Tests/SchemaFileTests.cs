using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TalentSphere.Schemas;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Contracts.Tests;

/// <summary>The committed schemas are those of the records, and say what there is to say.</summary>
public sealed partial class SchemaFileTests
{
    private static readonly IReadOnlyList<EventTopic> _events = Topology.EventsIn(typeof(EventEnvelope).Assembly);
    private static readonly Lazy<IReadOnlyList<MeshService>> _services = new(() => MeshService.In(Checkout.Root));

    public static TheoryData<Type> Events => [.. _events.Select(topic => topic.EventType)];

    [Fact]
    public void The_committed_files_are_what_the_records_and_the_consumers_make() =>
        SchemaSet.Differences(SchemaSet.Generate(_events, _services.Value), SchemaSet.Read(Checkout.Root)).ShouldBeEmpty("run ./mesh schemas");

    [Fact]
    public void No_schema_breaks_what_the_main_line_has_promised()
    {
        var history = SchemaHistory.Of(Checkout.Root);
        if (history.Notice is { } notice)
            TestContext.Current.AddWarning(notice);

        // Both: what would be generated, and what somebody may have written by hand.
        Compatibility.Breaks(history.Promised, SchemaSet.Generate(_events, _services.Value)).ShouldBeEmpty();
        Compatibility.Breaks(history.Promised, SchemaSet.Read(Checkout.Root)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_event_and_every_field_of_it_is_described()
    {
        var silent = SchemaSet.Generate(_events, []).Where(f => f.Key != SchemaSet.AsyncApi)
            .SelectMany(f => Undescribed(JsonNode.Parse(f.Value)!.AsObject()).Select(place => $"{f.Key}: {place}"));

        silent.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void What_the_wire_writes_conforms(Type record)
    {
        var topic = Topology.Of(record);
        foreach (var sample in (object[])[Samples.Of(record), Samples.Of(record, nulls: true)])
        {
            var data = JsonSerializer.SerializeToElement(sample, record, Wire.Json);
            var envelope = new EventEnvelope(
                Guid.CreateVersion7(), topic.Key, new DateTime(2026, 11, 20, 9, 30, 0, 123, DateTimeKind.Utc), topic.SchemaVersion,
                AsyncApiDocument.SourceOf(topic), "c-1", topic.SubjectOf(sample), data);

            SchemaValidator.Validate(EventSchema.Of(topic), JsonNode.Parse(data.GetRawText())).ShouldBeEmpty();
            SchemaValidator.Validate(EventSchema.OfEnvelope(), JsonNode.Parse(Wire.Write(envelope))).ShouldBeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void What_conforms_is_read_also_with_its_optional_fields_left_out_and_unknown_ones_added(Type record)
    {
        var schema = EventSchema.Of(Topology.Of(record));
        var data = JsonSerializer.SerializeToNode(Samples.Of(record), record, Wire.Json)!.AsObject();
        var required = schema["required"]!.AsArray().Select(r => r!.GetValue<string>()).ToHashSet();
        foreach (var name in data.Select(f => f.Key).Where(name => !required.Contains(name)).ToList())
            data.Remove(name);
        data["fieldOfTomorrow"] = true;

        SchemaValidator.Validate(schema, data).ShouldBeEmpty();
        data.Deserialize(record, Wire.Json).ShouldNotBeNull();
        foreach (var name in required)
        {
            var without = data.DeepClone().AsObject();
            without.Remove(name);
            SchemaValidator.Validate(schema, without).ShouldBe([$"the value lacks {name}"]);
            Should.Throw<JsonException>(() => without.Deserialize(record, Wire.Json), $"a {record.Name} without {name} is read");
        }
    }

    [Fact]
    public void Every_reference_of_the_asyncapi_document_leads_somewhere()
    {
        var files = SchemaSet.Read(Checkout.Root);
        var document = JsonNode.Parse(files[SchemaSet.AsyncApi])!;
        var references = References(document).ToList();

        references.Count.ShouldBeGreaterThan(_events.Count * 5);
        references.Where(r => r.StartsWith("./", StringComparison.Ordinal) ? !files.ContainsKey(r[2..]) : Resolve(document, r) is null).ShouldBeEmpty();
    }

    [Fact]
    public void The_asyncapi_document_names_every_sender_receiver_and_queue()
    {
        var document = JsonNode.Parse(SchemaSet.Read(Checkout.Root)[SchemaSet.AsyncApi])!;
        var operations = document["operations"]!.AsObject().Select(o => o.Value!).ToList();
        IEnumerable<string> Named(string action) => operations.Where(o => o["action"]!.GetValue<string>() == action)
            .Select(o => $"{o["x-service"]} {o["channel"]!["$ref"]!.GetValue<string>()["#/channels/".Length..]}");

        document["asyncapi"]!.GetValue<string>().ShouldBe("3.0.0");
        Named("send").ShouldBe(_events.Select(e => $"{AsyncApiDocument.SourceOf(e)} {e.Key}"), ignoreOrder: true);
        Named("receive").ShouldBe(_services.Value.SelectMany(s => s.Hears.Select(e => $"{s.Name} {e.Key}")), ignoreOrder: true);
        Named("receive").ShouldContain("gamification lms.lesson.completed");
        foreach (var service in _services.Value.Where(s => s.Hears.Count > 0))
        {
            var queue = document["channels"]![Topology.QueueOf(service.Name)]!;
            queue["messages"]!.AsObject().Select(m => m.Key).ShouldBe(service.Hears.Select(e => e.Key));
            queue["x-queue-arguments"]!["x-dead-letter-routing-key"]!.GetValue<string>().ShouldBe(Topology.DeadLetterQueueOf(service.Name));
            document["channels"]![Topology.DeadLetterQueueOf(service.Name)]!["bindings"]!["amqp"]!["is"]!.GetValue<string>().ShouldBe("queue");
        }
        // An operation's messages are its channel's, by the standard.
        operations.ShouldAllBe(o => o["messages"]![0]!["$ref"]!.ToString().StartsWith($"{o["channel"]!["$ref"]}/messages/", StringComparison.Ordinal));
    }

    /// <summary>The document takes a service's name from its folder and its consumers from its assembly; this is what makes both true.</summary>
    [Fact]
    public void A_service_is_named_like_its_folder_and_registers_every_consumer_that_it_has()
    {
        foreach (var service in _services.Value)
        {
            var folder = Directory.GetDirectories(Path.Combine(Checkout.Root, "Services")).Append(Path.Combine(Checkout.Root, "Gateway")).Single(d => Path.GetFileName(d).ToLowerInvariant() == service.Name);
            var source = string.Concat(Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
            // A worker has no events at all, and no accounts either.
            source.ShouldContain($"Add{(service.Consumers.Count == 0 && !source.Contains("AddServiceDefaults", StringComparison.Ordinal) ? "Worker" : "Service")}Defaults(\"{service.Name}\")");
            Registration().Matches(source).Select(m => m.Groups["name"].Value)
                .ShouldBe(service.Consumers.Select(c => c.Name.Split('`')[0]).Distinct(), ignoreOrder: true, service.Name);
        }
        _services.Value.Count.ShouldBeGreaterThanOrEqualTo(6);
        _events.Select(AsyncApiDocument.SourceOf).Except(_services.Value.Select(s => s.Name)).ShouldBeEmpty("events without a service that publishes them");
    }

    private static IEnumerable<string> Undescribed(JsonObject schema) =>
        (schema["properties"]?.AsObject() ?? []).Where(f => f.Value is not JsonObject field || !field.ContainsKey("description")).Select(f => f.Key)
            .Concat(schema.ContainsKey("description") ? [] : ["the event itself"]);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(f => f is { Key: "$ref", Value: JsonValue to } ? [to.GetValue<string>()] : References(f.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Resolve(JsonNode document, string pointer) =>
        pointer.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, part) => node is JsonObject fields ? fields[part] : null);

    [GeneratedRegex(@"AddConsumer(<|s\(typeof\()(?<name>\w+)(<>\))?[>)]", RegexOptions.ExplicitCapture)]
    private static partial Regex Registration();
}
