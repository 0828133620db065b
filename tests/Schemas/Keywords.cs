using System.Text.Json.Nodes;

namespace TalentSphere.Schemas;

/// <summary>
/// The words of JSON Schema that the generator writes, the validator understands and the compatibility check compares: the same in all three, so that none of
/// them can pass over what another one means.
/// </summary>
public static class Keywords
{
    /// <summary>Words that say something to people and nothing about an instance.</summary>
    public static IReadOnlySet<string> Annotations { get; } =
        new HashSet<string>(StringComparer.Ordinal) { "$schema", "$id", "$comment", "title", "description", "default" };

    /// <summary>Words that an instance is held against.</summary>
    public static IReadOnlySet<string> Assertions { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "type", "properties", "required", "additionalProperties", "items", "enum", "format", "pattern", "minLength", "maxLength", "minimum",
    };

    /// <summary>True for a word that constrains nothing.</summary>
    public static bool IsAnnotation(string keyword) =>
        Annotations.Contains(keyword) || (keyword?.StartsWith("x-", StringComparison.Ordinal) ?? false);

    /// <summary>Refuses a schema with a word that is neither.</summary>
    /// <exception cref="NotSupportedException">Names the word and where it stands.</exception>
    public static void RefuseUnknown(JsonNode? schema, string where)
    {
        if (schema is not JsonObject words)
            return;
        foreach (var (word, value) in words)
        {
            if (!Assertions.Contains(word) && !IsAnnotation(word))
                throw new NotSupportedException($"{where}: '{word}' is no word of these schemas; teach it to the validator and the compatibility check first.");
            if (word == "properties")
            {
                foreach (var (name, field) in value!.AsObject())
                    RefuseUnknown(field, $"{where}.{name}");
            }
            else if (word is "items" or "additionalProperties")
            {
                RefuseUnknown(value, $"{where}[]");
            }
        }
    }
}
