using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Audit;

/// <summary>An entry of the audit.</summary>
/// <param name="Sequence">Its number, from 1 without a gap.</param>
/// <param name="At">UTC.</param>
/// <param name="Act">What was done.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="ActorId">The account that did it; null for somebody unknown and for the platform itself.</param>
/// <param name="TargetId">The account, session or key that it was done to.</param>
/// <param name="IpAddress">Where it came from; null once its subject was erased.</param>
/// <param name="UserAgent">What the client called itself; null once its subject was erased.</param>
/// <param name="Detail">What else there is to know.</param>
/// <param name="CorrelationId">Of the request.</param>
/// <param name="Hash">Hexadecimal; covers the entry and the one before.</param>
public sealed record AuditEntryView(
    long Sequence, DateTime At, string Act, AuditOutcome Outcome, Guid? ActorId, Guid? TargetId, string? IpAddress, string? UserAgent, string? Detail,
    string CorrelationId, string Hash);

internal static class SearchAudit
{
    public static async Task<Results<ApiPage<AuditEntryView>, ApiProblem>> HandleAsync(
        [AsParameters] Paging paging, AuthDbContext db, AuditChain chain, CancellationToken cancellationToken,
        [FromQuery] Guid? actor = null,
        [FromQuery] Guid? target = null,
        [FromQuery] string? act = null,
        [FromQuery] string? outcome = null,
        [FromQuery] DateTimeOffset? from = null,
        [FromQuery] DateTimeOffset? to = null,
        [FromQuery, StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters"), PlainText] string? email = null)
    {
        if (act is not null && !AuditActs.All.Contains(act))
            return Api.Invalid("act", "must be one of " + string.Join(", ", AuditActs.All));
        // A number would pass for an outcome, too.
        if (outcome is not null && !Enum.GetNames<AuditOutcome>().Contains(outcome, StringComparer.OrdinalIgnoreCase))
            return Api.Invalid("outcome", "must be one of " + string.Join(", ", Enum.GetNames<AuditOutcome>().Select(n => n.ToLowerInvariant())));
        var entries = from entry in db.AuditEntries.AsNoTracking()
                      join origin in db.AuditOrigins.AsNoTracking() on entry.Sequence equals origin.Sequence
                      select new { entry, origin };
        if (actor is not null)
            entries = entries.Where(e => e.entry.ActorId == actor);
        if (target is not null)
            entries = entries.Where(e => e.entry.TargetId == target);
        if (act is not null)
            entries = entries.Where(e => e.entry.Act == act);
        if (outcome is not null)
        {
            var wanted = Enum.Parse<AuditOutcome>(outcome, ignoreCase: true);
            entries = entries.Where(e => e.entry.Outcome == wanted);
        }
        if (from is { } since)
            entries = entries.Where(e => e.entry.At >= since.UtcDateTime);
        if (to is { } until)
            entries = entries.Where(e => e.entry.At < until.UtcDateTime);
        if (email is not null)
        {
            var digest = chain.DigestOf(await EmailAddress.NormalizeAsync(email, db, cancellationToken));
            entries = entries.Where(e => e.origin.EmailDigest == digest);
        }
        var total = await entries.LongCountAsync(cancellationToken);
        var page = await entries.OrderByDescending(e => e.entry.Sequence).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page([.. page.Select(e => Show(e.entry, e.origin))], paging, total);
    }

    private static AuditEntryView Show(AuditEntry entry, AuditOrigin origin) => new(
        entry.Sequence, entry.At, entry.Act, entry.Outcome, entry.ActorId, entry.TargetId, origin.IpAddress, origin.UserAgent, entry.Detail, entry.CorrelationId,
        Convert.ToHexStringLower(entry.Hash));
}
