using System.Text.Json;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>Several requests in one.</summary>
/// <param name="Requests">1 to 20.</param>
public sealed record BatchRequest(IReadOnlyList<BatchPart?>? Requests);

/// <summary>One of them.</summary>
/// <param name="Id">Text or a number; comes back with the answer.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">Below <c>/api/</c>, with its query.</param>
/// <param name="Headers">Of a few that make sense for a part: conditions, <c>Idempotency-Key</c>, languages and media types.</param>
/// <param name="Body">Any JSON.</param>
public sealed record BatchPart(JsonElement? Id, string? Method, string? Path, IReadOnlyDictionary<string, string?>? Headers, JsonElement? Body);
