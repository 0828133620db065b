using System.Text;
using System.Text.Json;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>Requests with a header that most do not have.</summary>
public static class Requests
{
    public static Task<Answer> WithIfMatchAsync(this HttpClient client, HttpMethod method, string path, string tag, object? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body, ApiJson.Options), Encoding.UTF8, "application/json");
        return client.ReadAsync(request);
    }

    public static Task<Answer> AskAsAsync(this HttpClient client, string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return client.ReadAsync(request);
    }
}
