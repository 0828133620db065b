using System.Collections.Immutable;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>What to purge.</summary>
/// <param name="Tags">Tags of the routes; <c>*</c> is everything.</param>
public sealed record PurgeRequest(IReadOnlyList<string?>? Tags);

/// <summary>What was purged, in this replica at once and in the others as soon as they hear of it.</summary>
/// <param name="Purged">The tags.</param>
public sealed record PurgeResult(IReadOnlyList<string> Purged);

internal static class PurgeCache
{
    private const int _most = 50;

    public static IResult Handle(PurgeRequest request, CacheTags tags, PurgeLink link)
    {
        if (request.Tags is not { Count: > 0 and <= _most } names)
            return Api.Invalid("tags", $"must name 1 to {_most} tags");
        var found = names.Select(name => name is null ? null : tags.Find(name)).ToList();
        var unknown = found.Index().Where(t => t.Item is null).Select(t => new FailureDetail($"tags[{t.Index}]", "is no tag of any route")).ToArray();
        if (unknown.Length > 0)
            return Api.Invalid(unknown);
        ImmutableArray<CacheTag> purged = [.. found.OfType<CacheTag>().Distinct()];
        link.Purge(purged);
        return Api.Ok(new PurgeResult([.. purged.Select(t => t.Name)]));
    }
}
