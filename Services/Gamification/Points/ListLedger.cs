using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gamification.Points;

/// <summary>One line of the caller's ledger.</summary>
/// <param name="Id">The entry.</param>
/// <param name="Amount">Points; negative only in a correction.</param>
/// <param name="Reason">Why.</param>
/// <param name="Source">The lesson, course, challenge or account it was given for.</param>
/// <param name="EventId">The event it came from.</param>
/// <param name="CourseId">The course it counts for, where there is one.</param>
/// <param name="CreatedAt">When it was written, UTC.</param>
internal sealed record LedgerEntryView(Guid Id, int Amount, LedgerReason Reason, string Source, Guid EventId, Guid? CourseId, DateTime CreatedAt);

internal static class ListLedger
{
    public static async Task<ApiPage<LedgerEntryView>> HandleAsync(
        GamificationDbContext db, ClaimsPrincipal user, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        var mine = db.Ledger.AsNoTracking().Where(e => e.UserId == userId);
        var total = await mine.CountAsync(cancellationToken);
        var entries = await mine.OrderByDescending(e => e.Ordinal).Skip(paging.Skip).Take(paging.Size)
            .Select(e => new LedgerEntryView(e.Id, e.Amount, e.Reason, e.Source, e.EventId, e.CourseId, e.CreatedAt))
            .ToListAsync(cancellationToken);
        return Api.Page(entries, paging, total);
    }
}
