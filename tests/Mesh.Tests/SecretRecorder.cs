using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Mesh.Tests;

/// <summary>Stands in the way of what a test says to auth, and remembers each secret that goes past.</summary>
internal sealed class SecretRecorder(Func<string, string, string> keep, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // Shorter ones are a test's examples of bad ones, and words that occur everywhere.
    private const int _shortest = 14;

    private static readonly Dictionary<string, string> _sent = new()
    {
        ["password"] = "a password",
        ["currentPassword"] = "a password",
        ["newPassword"] = "a new password",
    };

    private static readonly Dictionary<string, string> _answered = new()
    {
        ["accessToken"] = "an access token",
        ["refreshToken"] = "a refresh token",
        ["deviceToken"] = "a device's token",
        ["apiKey"] = "an API key",
        ["secret"] = "a secret",
        ["codes"] = "a recovery code",
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isAuth = request.RequestUri!.AbsolutePath.StartsWith("/api/v1/auth", StringComparison.Ordinal);
        if (isAuth && request.Content is not null)
            Note(await request.Content.ReadAsStringAsync(cancellationToken), _sent, root => root, _shortest);
        var response = await base.SendAsync(request, cancellationToken);
        if (isAuth && response.IsSuccessStatusCode)
            Note(await response.Content.ReadAsStringAsync(cancellationToken), _answered, root => root?["data"], 1);
        return response;
    }

    private void Note(string text, Dictionary<string, string> names, Func<JsonObject?, JsonNode?> part, int shortest)
    {
        foreach (var (value, what) in Read(text, names, part).Where(v => v.Value.Length >= shortest))
            keep(value, what);
    }

    private static List<(string Value, string What)> Read(string text, Dictionary<string, string> names, Func<JsonObject?, JsonNode?> part)
    {
        try
        {
            if (part(JsonNode.Parse(text) as JsonObject) is not JsonObject members)
                return [];
            return
            [
                .. names.SelectMany(n => (members[n.Key] is JsonArray list ? list.ToArray() : [members[n.Key]]).OfType<JsonValue>()
                    .Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => (v.GetValue<string>(), n.Value))),
            ];
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // What a test breaks on purpose: the syntax, a name twice, half a character.
            return [];
        }
    }
}
