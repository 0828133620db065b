using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Schemas;

/// <summary>
/// Whether a set of schemas keeps what an earlier set promised, in both directions: whoever knows the earlier ones can read what is published from now on, and
/// the new records can read what was published before. Events, optional fields and words of an enum may be added; anything else needs a new key.
/// </summary>
public static class Compatibility
{
    /// <summary>What breaks, one sentence each that begins with the file; empty when nothing does. An earlier file that is no JSON promises nothing.</summary>
    public static IReadOnlyList<string> Breaks(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var breaks = new List<string>();
        foreach (var (name, text) in before.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (Parse(text) is not { } old)
                continue;
            if (name == SchemaSet.AsyncApi)
                CompareTopology(old, Parse(after.GetValueOrDefault(name)), before, after, breaks);
            else if (Parse(after.GetValueOrDefault(name)) is { } now)
                CompareShape(old, now, $"{name}: ", "", breaks);
            else
                breaks.Add(Gone(name, old, before, after));
        }
        return breaks;
    }

    private static string Gone(string name, JsonObject old, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var domain = name[..(name.IndexOf('.') + 1)];
        var heir = after.Keys.FirstOrDefault(key => !before.ContainsKey(key) && key.StartsWith(domain, StringComparison.Ordinal)
            && JsonNode.DeepEquals(Parse(after[key])?["title"], old["title"]));
        return heir is null ? $"{name}: the event was removed" : $"{name}: the key was changed, to that of {heir}";
    }

    /// <summary>What the AsyncAPI document says of the events whose files are there; who hears them is nobody's promise.</summary>
    private static void CompareTopology(
        JsonObject old, JsonObject? now, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after, List<string> breaks)
    {
        foreach (var (key, was) in old["components"]?["messages"] as JsonObject ?? [])
        {
            var file = key + ".json";
            if (!before.ContainsKey(file) || !after.ContainsKey(file) || now?["components"]?["messages"]?[key] is not { } becomes)
                continue;
            var (from, to) = ((string?)was![AsyncApiDocument.Subject], (string?)becomes[AsyncApiDocument.Subject]);
            if (from != to)
                breaks.Add($"{file}: the subject was changed, from {from} to {to}: the order of its events goes with it");
            if (Number(becomes) < Number(was))
                breaks.Add($"{file}: the schema version went back, from {Number(was)} to {Number(becomes)}");
            if (!JsonNode.DeepEquals(Exchange(old, key), Exchange(now, key)))
                breaks.Add($"{file}: the exchange was changed, from {Exchange(old, key)?.ToJsonString()} to {Exchange(now, key)?.ToJsonString()}");
        }
    }

    private static int Number(JsonNode message) => message[AsyncApiDocument.SchemaVersion]?.GetValue<int>() ?? 1;

    private static JsonNode? Exchange(JsonNode document, string key) => document["channels"]?[key]?["bindings"]?["amqp"]?["exchange"];

    private static void CompareShape(JsonNode? old, JsonNode? now, string file, string at, List<string> breaks)
    {
        var (was, becomes) = (Words(old), Words(now));
        if (was is null || becomes is null)
        {
            if (!JsonNode.DeepEquals(old, now))
                breaks.Add($"{file}{Place(at)} was retyped, from {old?.ToJsonString()} to {now?.ToJsonString()}");
            return;
        }
        var found = breaks.Count;
        CompareType(was, becomes, file, at, breaks);
        // A field of another type has other words too: once is enough.
        if (breaks.Count > found)
            return;
        CompareEnum(was, becomes, file, at, breaks);
        CompareFields(was, becomes, file, at, breaks);
        CompareInner("items", was, becomes, file, at + "[]", breaks);
        CompareInner("additionalProperties", was, becomes, file, at + "{}", breaks);
        string[] compared = ["type", "enum", "properties", "required", "items", "additionalProperties"];
        var others = was.Concat(becomes).Select(w => w.Key).Distinct().Except(compared).Where(word => word == "default" || !Keywords.IsAnnotation(word));
        foreach (var word in others.Where(word => !JsonNode.DeepEquals(was[word], becomes[word])))
        {
            var (from, to) = (was[word]?.ToJsonString() ?? "none", becomes[word]?.ToJsonString() ?? "none");
            breaks.Add($"{file}{Place(at)} was retyped, its {word} from {from} to {to}");
        }
    }

    private static void CompareType(JsonObject was, JsonObject becomes, string file, string at, List<string> breaks)
    {
        var (before, after) = (Types(was), Types(becomes));
        if (!before.Where(t => t != "null").ToHashSet().SetEquals(after.Where(t => t != "null")))
            breaks.Add($"{file}{Place(at)} was retyped, from {Tell(before)} to {Tell(after)}");
        else if (before.Contains("null") && !after.Contains("null"))
            breaks.Add($"{file}{Place(at)} may no longer be null: earlier events and other publishers say null");
        else if (!before.Contains("null") && after.Contains("null"))
            breaks.Add($"{file}{Place(at)} may now be null: readers rely on its value");
    }

    private static void CompareEnum(JsonObject was, JsonObject becomes, string file, string at, List<string> breaks)
    {
        var before = was["enum"]?.AsArray().Select(w => w?.ToJsonString() ?? "null").ToList();
        var after = becomes["enum"]?.AsArray().Select(w => w?.ToJsonString() ?? "null").ToList();
        if (before is null && after is not null)
            breaks.Add($"{file}{Place(at)} was narrowed, to {string.Join(", ", after)}");
        else if (before is not null && after is null)
            breaks.Add($"{file}{Place(at)} was retyped, from an enum to any value");
        else if (before?.Except(after!).ToList() is { Count: > 0 } lost)
            breaks.Add($"{file}{Place(at)} was narrowed: {string.Join(", ", lost)} was removed from its words");
    }

    private static void CompareFields(JsonObject was, JsonObject becomes, string file, string at, List<string> breaks)
    {
        var (before, after) = (Fields(was), Fields(becomes));
        var (demanded, demands) = (Required(was), Required(becomes));
        var added = after.Select(f => f.Key).Where(name => !before.ContainsKey(name)).ToList();
        foreach (var (name, field) in before)
        {
            var place = at.Length == 0 ? name : $"{at}.{name}";
            if (after[name] is not { } becoming)
            {
                var heirs = added.Where(a => JsonNode.DeepEquals(Bare(after[a]), Bare(field))).ToList();
                breaks.Add(heirs.Count == 1 ? $"{file}{place} was renamed, to {heirs[0]}" : $"{file}{place} was removed");
                continue;
            }
            if (demands.Contains(name) && !demanded.Contains(name))
                breaks.Add($"{file}{place} was made required: earlier events and other publishers leave it out");
            if (!demands.Contains(name) && demanded.Contains(name))
                breaks.Add($"{file}{place} was made optional: readers rely on it");
            CompareShape(field, becoming, file, place, breaks);
        }
        foreach (var name in added.Where(demands.Contains))
        {
            var place = at.Length == 0 ? name : $"{at}.{name}";
            breaks.Add($"{file}{place} was added as required: earlier events do not have it; make it nullable or give it a default");
        }
    }

    private static void CompareInner(string word, JsonObject was, JsonObject becomes, string file, string at, List<string> breaks)
    {
        // Without the word anything may be inside.
        if (was.ContainsKey(word) || becomes.ContainsKey(word))
            CompareShape(was[word] ?? true, becomes[word] ?? true, file, at, breaks);
    }

    private static JsonObject? Words(JsonNode? schema) =>
        schema is JsonValue always && always.GetValueKind() == JsonValueKind.True ? [] : schema as JsonObject;

    private static HashSet<string> Types(JsonObject words) => words["type"] switch
    {
        null => [],
        JsonArray several => [.. several.Select(t => t!.GetValue<string>())],
        var one => [one.GetValue<string>()],
    };

    private static string Tell(HashSet<string> types) => types.Count == 0 ? "anything" : string.Join(" or ", types);

    private static JsonObject Fields(JsonObject words) => words["properties"] as JsonObject ?? [];

    private static HashSet<string> Required(JsonObject words) => [.. (words["required"] as JsonArray ?? []).Select(r => r!.GetValue<string>())];

    private static JsonNode? Bare(JsonNode? schema)
    {
        if (schema is not JsonObject words)
            return schema;
        return new JsonObject(words.Where(w => !Keywords.IsAnnotation(w.Key)).Select(w => KeyValuePair.Create(w.Key, w.Value?.DeepClone())));
    }

    private static string Place(string at) => at.Length == 0 ? "the data" : at;

    private static JsonObject? Parse(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Half-merged or cut off: nobody could rely on it.
            return null;
        }
    }
}
