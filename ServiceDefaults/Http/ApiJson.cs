using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>The one JSON dialect of the mesh: camelCase, enums as kebab-case strings, unknown fields ignored.</summary>
public static class ApiJson
{
    /// <summary>The options of every request, answer and event.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Applies the dialect to options that a framework made.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 32;
        // The answers are JSON documents, never pasted into HTML: non-ASCII text stays readable.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        if (!options.Converters.OfType<JsonStringEnumConverter>().Any())
            options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
