using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TalentSphere.Schemas;

/// <summary>
/// Holds a JSON value against a schema of <see cref="Keywords"/>, as draft 2020-12 means them and with formats asserted. A word that it does not know is
/// refused and never passed over.
/// </summary>
public static partial class SchemaValidator
{
    private static readonly string[] _dateTimes = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>What is wrong with a value, each with the JSON pointer of its place; empty when it conforms.</summary>
    /// <exception cref="NotSupportedException">The schema has a word, a type or a format that is not known here.</exception>
    public static IReadOnlyList<string> Validate(JsonNode? schema, JsonNode? value)
    {
        Keywords.RefuseUnknown(schema, "#");
        var wrong = new List<string>();
        Check(schema, value, "", wrong);
        return wrong;
    }

    private static void Check(JsonNode? schema, JsonNode? value, string at, List<string> wrong)
    {
        if (schema is JsonValue always)
        {
            if (!always.GetValue<bool>())
                wrong.Add($"{Place(at)} is not to be there");
            return;
        }
        var words = schema!.AsObject();
        if (words["type"] is { } type && !TypesOf(type).Exists(t => Is(t, value)))
        {
            wrong.Add($"{Place(at)} is {Excerpt(value)} and not of type {string.Join(" or ", TypesOf(type))}");
            return;
        }
        if (words["enum"] is JsonArray choices && !choices.Any(c => JsonNode.DeepEquals(c, value)))
            wrong.Add($"{Place(at)} is {Excerpt(value)} and none of {choices.ToJsonString()}");
        switch (value)
        {
            case JsonObject fields:
                CheckFields(words, fields, at, wrong);
                break;
            case JsonArray items when words["items"] is { } each:
                for (var i = 0; i < items.Count; i++)
                    Check(each, items[i], $"{at}/{i}", wrong);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                CheckText(words, scalar.GetValue<string>(), at, wrong);
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number:
                CheckNumber(words, scalar, at, wrong);
                break;
        }
    }

    private static void CheckFields(JsonObject words, JsonObject fields, string at, List<string> wrong)
    {
        foreach (var name in (words["required"]?.AsArray() ?? []).Select(r => r!.GetValue<string>()).Where(name => !fields.ContainsKey(name)))
            wrong.Add($"{Place(at)} lacks {name}");
        var known = words["properties"]?.AsObject() ?? [];
        foreach (var (name, field) in fields)
        {
            if (known[name] is { } schema)
                Check(schema, field, $"{at}/{name}", wrong);
            else if (words["additionalProperties"] is { } others)
                Check(others, field, $"{at}/{name}", wrong);
        }
    }

    private static void CheckNumber(JsonObject words, JsonValue number, string at, List<string> wrong)
    {
        if (words["minimum"] is { } minimum && Number(number) < Number(minimum))
            wrong.Add($"{Place(at)} is {Excerpt(number)} and less than {minimum}");
        if (words["format"] is { } format && !HasFormat(format.GetValue<string>(), Number(number)))
            wrong.Add($"{Place(at)} is {Excerpt(number)} and no {format}");
    }

    private static void CheckText(JsonObject words, string text, string at, List<string> wrong)
    {
        // Lengths are in code points (RFC 8259 characters), not in UTF-16 units.
        var length = text.EnumerateRunes().Count();
        if (words["minLength"] is { } shortest && length < shortest.GetValue<int>())
            wrong.Add($"{Place(at)} has {length} characters, fewer than {shortest}");
        if (words["maxLength"] is { } longest && length > longest.GetValue<int>())
            wrong.Add($"{Place(at)} has {length} characters, more than {longest}");
        if (words["pattern"] is { } pattern && !Regex.IsMatch(text, pattern.GetValue<string>(), RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)))
            wrong.Add($"{Place(at)} is {Excerpt(text)} and does not match {pattern}");
        if (words["format"] is { } format && !HasFormat(format.GetValue<string>(), text))
            wrong.Add($"{Place(at)} is {Excerpt(text)} and no {format}");
    }

    /// <summary>The sizes of numbers, by their names in OpenAPI's format registry. A format says something of its own kind of value only.</summary>
    private static bool HasFormat(string format, decimal number) => format switch
    {
        "int32" => decimal.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue,
        "int64" => decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue,
        "float" or "double" or "uuid" or "date-time" or "date" or "uri" => true,
        _ => throw UnknownFormat(format),
    };

    /// <summary>RFC 4122 in its hyphenated form; RFC 3339 with its offset.</summary>
    private static bool HasFormat(string format, string text) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => Rfc3339().IsMatch(text)
            && DateTimeOffset.TryParseExact(text, _dateTimes, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "int32" or "int64" or "float" or "double" => true,
        _ => throw UnknownFormat(format),
    };

    private static NotSupportedException UnknownFormat(string format) => new($"the format '{format}' is not known here");

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("null", null or JsonValueKind.Null) => true,
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(Number(value!)),
        ("null" or "object" or "array" or "string" or "boolean" or "number" or "integer", _) => false,
        _ => throw new NotSupportedException($"the type '{type}' is not known here"),
    };

    private static List<string> TypesOf(JsonNode type) =>
        type is JsonArray several ? [.. several.Select(t => t!.GetValue<string>())] : [type.GetValue<string>()];

    private static decimal Number(JsonNode value) => decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Place(string at) => at.Length == 0 ? "the value" : at;

    private static string Excerpt(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length <= 60 ? text : text[..60] + "…";
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Rfc3339();
}
