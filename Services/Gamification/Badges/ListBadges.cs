using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gamification.Badges;

/// <summary>A badge of the catalogue; for a signed-in caller also whether it is earned, and when.</summary>
internal sealed record CatalogueBadge(string Code, string Name, string Description)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Earned { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? EarnedAt { get; init; }
}

internal static class ListBadges
{
    private static readonly IReadOnlyList<CatalogueBadge> _catalogue = [.. BadgeCatalogue.All.Select(b => new CatalogueBadge(b.Code, b.Name, b.Description))];

    public static async Task<ApiOk<IReadOnlyList<CatalogueBadge>>> HandleAsync(
        GamificationDbContext db, ClaimsPrincipal user, HttpResponse response, CancellationToken cancellationToken)
    {
        // One address, two answers: no cache may give the anonymous one to somebody who is signed in.
        response.Headers.Append("Vary", "Authorization");
        if (user.FindUserId() is not { } userId)
            return Api.Ok(_catalogue).Public();
        var earned = await db.EarnedBadges.AsNoTracking().Where(b => b.UserId == userId).ToDictionaryAsync(b => b.Badge, b => b.EarnedAt, cancellationToken);
        return Api.Ok<IReadOnlyList<CatalogueBadge>>(
            [.. _catalogue.Select(b => earned.TryGetValue(b.Code, out var at) ? b with { Earned = true, EarnedAt = at } : b with { Earned = false })]);
    }
}
