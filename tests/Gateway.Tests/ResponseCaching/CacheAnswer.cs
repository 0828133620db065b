using System.Net;
using System.Net.Http.Headers;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.ResponseCaching;

/// <summary>An answer, and what the cache said of it.</summary>
internal sealed record CacheAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, string Body)
{
    public string? Cache => Headers.TryGetValues("X-Cache", out var values) ? values.Single() : null;

    public static async Task<CacheAnswer> ReadAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = await client.ReadAsync(request);
        return new(answer.Status, answer.Headers, answer.Body);
    }
}
