using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.TestKit;

/// <summary>An answer of the API, read.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Response headers.</param>
/// <param name="Body">The text of the body.</param>
public sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body) ?? throw new InvalidOperationException("The body is the JSON value null.");

    /// <summary>What the success envelope holds.</summary>
    public JsonNode Data => Json["data"] ?? throw new InvalidOperationException($"{(int)Status} without data: {Body}");

    /// <summary>The failure's code; null on success.</summary>
    public string? Code => Body.Length == 0 ? null : Json["error"]?["code"]?.GetValue<string>();

    /// <summary>The fields that the failure names, sorted.</summary>
    public IReadOnlyList<string> Fields =>
        [.. (Json["error"]?["details"]?.AsArray() ?? []).Select(d => d!["field"]!.GetValue<string>()).Order(StringComparer.Ordinal)];

    /// <summary>The id in <see cref="Data"/>.</summary>
    public Guid Id => Data["id"]!.GetValue<Guid>();

    /// <inheritdoc/>
    public override string ToString() => $"{(int)Status} {Body}";
}

/// <summary>Calls the API and reads the answer.</summary>
public static class AnswerExtensions
{
    /// <summary>GET.</summary>
    public static Task<Answer> AskAsync(this HttpClient client, string path) => SendAsync(client, HttpMethod.Get, path, null);

    /// <summary>POST with a JSON body, or none.</summary>
    public static Task<Answer> PostAsync(this HttpClient client, string path, object? body = null) => SendAsync(client, HttpMethod.Post, path, body);

    /// <summary>PUT with a JSON body.</summary>
    public static Task<Answer> PutAsync(this HttpClient client, string path, object? body) => SendAsync(client, HttpMethod.Put, path, body);

    /// <summary>PATCH with a JSON body.</summary>
    public static Task<Answer> PatchAsync(this HttpClient client, string path, object? body) => SendAsync(client, HttpMethod.Patch, path, body);

    /// <summary>DELETE, with a JSON body where there is one.</summary>
    public static Task<Answer> RemoveAsync(this HttpClient client, string path, object? body = null) => SendAsync(client, HttpMethod.Delete, path, body);

    /// <summary>POST with any text as JSON, for what a serializer would not write.</summary>
    public static Task<Answer> PostTextAsync(this HttpClient client, string path, string text, string mediaType = "application/json") =>
        ReadAsync(client, new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(text, Encoding.UTF8, mediaType) });

    /// <summary>Any request.</summary>
    public static async Task<Answer> ReadAsync(this HttpClient client, HttpRequestMessage request)
    {
        // A server may refuse a large body unread and hang up; asked first, the client hears the refusal instead of a broken pipe.
        if (request.Content?.Headers.ContentLength > 512 * 1024)
            request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);
        return new(response.StatusCode, response.Headers, await response.Content.ReadAsStringAsync());
    }

    private static Task<Answer> SendAsync(HttpClient client, HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body, ApiJson.Options), Encoding.UTF8, "application/json");
        return client.ReadAsync(request);
    }
}
