using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Exchanges;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>What a part was answered.</summary>
internal sealed record PartAnswer(JsonElement? Id, int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, string? MediaType)
{
    private static readonly string[] _told =
    [
        HeaderNames.ContentType, HeaderNames.ETag, HeaderNames.Location, HeaderNames.Link, HeaderNames.RetryAfter, HeaderNames.CacheControl, HeaderNames.WWWAuthenticate,
        "API-Version", "X-Cache", "Idempotent-Replayed", "Deprecation", "Sunset",
    ];

    public bool IsSuccess => Status < StatusCodes.Status400BadRequest;

    public static PartAnswer Of(PartRequest part, InProcessResponse response) => new(
        part.Id, response.StatusCode,
        [.. _told.Where(response.Headers.ContainsKey).Select(name => (name.ToLowerInvariant(), response.Headers[name].ToString()))],
        response.Content.ToArray(), MediaTypeOf(response.Headers.ContentType));

    /// <summary>What the gateway itself says of a part.</summary>
    public static PartAnswer Failed(PartRequest part, int status, string code, string message, ResponseMeta meta)
    {
        var failure = new Failure(
            false, new FailureError(code, message, []), "about:blank", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status), status, message, part.Path, meta);
        const string json = "application/json";
        return new(part.Id, status, [("content-type", json)], JsonSerializer.SerializeToUtf8Bytes(failure, ApiJson.Options), json);
    }

    /// <summary>JSON as it is, text as a string, anything else as base64 with <c>bodyEncoding</c> to say so.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("id");
        if (Id is { } id)
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(id), skipInputValidation: true);
        else
            json.WriteNullValue();
        json.WriteNumber("status", Status);
        json.WriteStartObject("headers");
        foreach (var (name, value) in Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WritePropertyName("body");
        if (Body.Length == 0)
        {
            json.WriteNullValue();
        }
        else if (MediaType is { } type && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal)) && IsJson(Body))
        {
            json.WriteRawValue(Body, skipInputValidation: true);
        }
        else if (MediaType?.StartsWith("text/", StringComparison.Ordinal) == true)
        {
            json.WriteStringValue(Encoding.UTF8.GetString(Body));
        }
        else
        {
            json.WriteBase64StringValue(Body);
            json.WriteString("bodyEncoding", "base64");
        }
        json.WriteEndObject();
    }

    private static string? MediaTypeOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.Value?.ToLowerInvariant() : null;

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                // To its end, or to its first fault.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
