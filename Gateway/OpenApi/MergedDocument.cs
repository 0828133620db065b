using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using TalentSphere.Gateway.Edge;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.Gateway.Edge.Versioning;
using TalentSphere.ServiceDefaults;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy;

namespace TalentSphere.Gateway.OpenApi;

/// <summary>One OpenAPI 3.1 document out of those of all services behind the gateway and its own.</summary>
internal sealed class MergedDocument(
    HttpClient http, IProxyStateLookup proxy, ServiceIdentity self, [FromKeyedServices("v1")] IOpenApiDocumentProvider own)
{
    private const string _schemas = "#/components/schemas/";

    public static async Task<IResult> GetAsync(MergedDocumentCache cache, MergedDocument document, HttpContext context)
    {
        var (json, tag, complete) = await cache.GetAsync(document, context.RequestAborted);
        context.Response.Headers.CacheControl = complete ? "public, max-age=60" : "no-store";
        context.Response.Headers.ETag = tag;
        return EntityTag.Matches(context.Request.Headers.IfNoneMatch, tag)
            ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(json, "application/json");
    }

    /// <summary>Reads and merges. A service that is away is named under <c>x-unavailable</c> and does not spoil the rest.</summary>
    public async Task<(byte[] Json, bool Complete)> BuildAsync(CancellationToken cancellationToken)
    {
        var addresses = proxy.GetClusters().SelectMany(c => c.Destinations.Values, (c, d) => (Service: UpstreamBreakers.ServiceOf(c.Model.Config), d.Model.Config.Address))
            .GroupBy(r => r.Service).ToDictionary(r => r.Key, r => r.First().Address, StringComparer.Ordinal);
        var services = addresses.Keys.Order(StringComparer.Ordinal).ToList();
        var documents = await Task.WhenAll(services.Select(s => ReadAsync(addresses[s], cancellationToken)).Append(OwnAsync(cancellationToken)));

        var paths = new JsonObject();
        var schemas = new JsonObject();
        var tags = new JsonArray();
        var unavailable = new JsonArray();
        JsonNode? security = null;
        foreach (var (service, document) in services.Append(self.Name).Zip(documents))
        {
            if (document is null)
            {
                unavailable.Add(service);
                continue;
            }
            KeepApart(service, document, schemas);
            foreach (var (path, item) in document["paths"]?.AsObject().ToList() ?? [])
                paths[path] = item!.DeepClone();
            foreach (var (name, schema) in document["components"]?["schemas"]?.AsObject().ToList() ?? [])
                schemas[name] = schema!.DeepClone();
            // A tag is unique by its name (OpenAPI 3.1 §4.8.1), and two services may use one.
            foreach (var tag in document["tags"]?.AsArray() ?? [])
            {
                if (!tags.Any(t => JsonNode.DeepEquals(t!["name"], tag!["name"])))
                    tags.Add(tag!.DeepClone());
            }
            security ??= document["components"]?["securitySchemes"]?.DeepClone();
        }
        var merged = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "TalentSphere", ["version"] = ApiVersions.Current },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas, ["securitySchemes"] = security ?? new JsonObject() },
            ["tags"] = tags,
        };
        if (unavailable.Count > 0)
            merged["x-unavailable"] = unavailable;
        return (JsonSerializer.SerializeToUtf8Bytes(merged), unavailable.Count == 0);
    }

    private async Task<JsonNode?> OwnAsync(CancellationToken cancellationToken) =>
        JsonNode.Parse(await (await own.GetOpenApiDocumentAsync(cancellationToken)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken));

    /// <returns>Null when the service is away, or says something else.</returns>
    private async Task<JsonNode?> ReadAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            // The whole body at once: the client's limits of time and size hold for all of it.
            return JsonNode.Parse(await http.GetByteArrayAsync(new Uri(new Uri(address), "/openapi/v1.json"), cancellationToken)) as JsonObject;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Two services may have different schemas of one name: the later one's gets the service's name in front.</summary>
    private static void KeepApart(string service, JsonNode document, JsonObject taken)
    {
        if (document["components"]?["schemas"] is not JsonObject own)
            return;
        var renamed = own.Where(s => taken[s.Key] is { } other && !JsonNode.DeepEquals(other, s.Value))
            .ToDictionary(s => s.Key, s => char.ToUpperInvariant(service[0]) + service[1..] + s.Key);
        if (renamed.Count == 0)
            return;
        foreach (var (old, name) in renamed)
        {
            var schema = own[old];
            own.Remove(old);
            own[name] = schema;
        }
        PointElsewhere(document, renamed);
    }

    private static void PointElsewhere(JsonNode? node, Dictionary<string, string> renamed)
    {
        switch (node)
        {
            case JsonObject o:
                if (o["$ref"] is JsonValue reference && reference.TryGetValue<string>(out var target)
                    && target.StartsWith(_schemas, StringComparison.Ordinal) && renamed.TryGetValue(target[_schemas.Length..], out var name))
                    o["$ref"] = _schemas + name;
                foreach (var (_, child) in o)
                    PointElsewhere(child, renamed);
                break;
            case JsonArray a:
                foreach (var child in a)
                    PointElsewhere(child, renamed);
                break;
        }
    }
}

/// <summary>Keeps a merged document: a complete one for a minute, one that lacks a service for some seconds.</summary>
internal sealed class MergedDocumentCache(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _building = new(1, 1);
    private (byte[] Json, string Tag, bool Complete, DateTimeOffset Until)? _kept;

    public async Task<(byte[] Json, string Tag, bool Complete)> GetAsync(MergedDocument document, CancellationToken cancellationToken)
    {
        await _building.WaitAsync(cancellationToken);
        try
        {
            if (_kept is { } kept && kept.Until > time.GetUtcNow())
                return (kept.Json, kept.Tag, kept.Complete);
            var (json, complete) = await document.BuildAsync(cancellationToken);
            var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 12))}\"";
            _kept = (json, tag, complete, time.GetUtcNow().AddSeconds(complete ? 60 : 3));
            return (json, tag, complete);
        }
        finally
        {
            _building.Release();
        }
    }

    public void Dispose() => _building.Dispose();
}
