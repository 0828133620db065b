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
        if (Read(text) is not { } root || part(root) is not JsonObject members)
            return;
        foreach (var (name, what) in names)
        {
            var values = members[name] switch
            {
                JsonArray list => list.ToArray(),
                var single => [single],
            };
            foreach (var value in values.OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>()))
            {
                if (value.Length >= shortest)
                    keep(value, what);
            }
        }
    }

    private static JsonObject? Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // What a test breaks on purpose.
            return null;
        }
    }
}
