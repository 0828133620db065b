using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Idempotency;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>A part that may run. Its body is what the client wrote, byte for byte: whether that is text (half a surrogate pair is none) is for the service to judge.</summary>
internal sealed record PartRequest(JsonElement? Id, string Method, PathString Path, QueryString Query, IReadOnlyDictionary<string, string?> Headers, byte[]? Body)
{
    private const int _longestId = 128;
    private const int _longestHeader = 1024;

    private static readonly FrozenSet<string> _methods = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "GET", "POST", "PUT", "PATCH", "DELETE");

    /// <summary>Who calls is the batch's own business, and how its connection is kept is the gateway's: neither is a part's.</summary>
    private static readonly FrozenSet<string> _headers = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, HeaderNames.Accept, HeaderNames.AcceptLanguage, HeaderNames.CacheControl, HeaderNames.IfMatch, HeaderNames.IfNoneMatch,
        IdempotencyKey.HeaderName, "Accept-Version", "Prefer");

    private static readonly Dictionary<string, string?> _none = [];

    /// <param name="part">What was asked for.</param>
    /// <param name="field">Where in the batch it stands.</param>
    /// <param name="faults">Every field at fault is added.</param>
    /// <returns>Null when there was one.</returns>
    public static PartRequest? Read(BatchPart? part, string field, List<FailureDetail> faults)
    {
        if (part is null)
        {
            faults.Add(new(field, "must be an object"));
            return null;
        }
        var before = faults.Count;
        if (part.Id is { } id && !(id.ValueKind is JsonValueKind.String or JsonValueKind.Number && id.GetRawText().Length <= _longestId))
            faults.Add(new($"{field}.id", $"must be text or a number of at most {_longestId} characters"));
        var method = part.Method?.ToUpperInvariant() ?? "";
        if (!_methods.Contains(method))
            faults.Add(new($"{field}.method", "must be GET, POST, PUT, PATCH or DELETE"));
        if (PartTarget.Read(part.Path, out var path, out var query) is { } problem)
            faults.Add(new($"{field}.path", problem));
        foreach (var (name, value) in part.Headers ?? _none)
        {
            if (!_headers.Contains(name))
                faults.Add(new($"{field}.headers.{name}", "is not a part's to set"));
            else if (value is null or { Length: > _longestHeader } || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                faults.Add(new($"{field}.headers.{name}", $"must be at most {_longestHeader} printable ASCII characters"));
        }
        if (part.Body is not null && method == HttpMethods.Get)
            faults.Add(new($"{field}.body", "must not be given with GET"));
        if (faults.Count > before)
            return null;
        return new(part.Id, method, path, query, part.Headers ?? _none, part.Body is { } body ? JsonMarshal.GetRawUtf8Value(body).ToArray() : null);
    }
}
