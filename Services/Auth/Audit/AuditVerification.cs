using System.Data;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;

namespace TalentSphere.Auth.Audit;

/// <summary>A place in the chain and what it amounts to; kept elsewhere, it proves later that nothing up to it was changed.</summary>
/// <param name="Sequence">The entry's number; 0 before the first.</param>
/// <param name="Hash">Its hash, hexadecimal.</param>
public sealed record AuditAnchor(long Sequence, string Hash);

/// <summary>The first entry that does not hold.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record AuditFault(long Sequence, string Reason);

/// <summary>How a stretch of the chain was found.</summary>
/// <param name="After">The stretch begins behind this entry.</param>
/// <param name="End">The last entry that was found good.</param>
/// <param name="Head">The end of the chain.</param>
/// <param name="Fault">Null when all of the stretch holds.</param>
public sealed record AuditCheck(long After, AuditAnchor End, AuditAnchor Head, AuditFault? Fault);

/// <summary>Goes through the chain and recomputes it.</summary>
internal sealed class AuditVerification(AuthDbContext db, AuditChain chain)
{
    private const int _page = 2000;

    /// <summary>Checks at most <paramref name="limit"/> entries behind <paramref name="after"/>, as they stand at one moment.</summary>
    public async Task<AuditCheck> CheckAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var head = await db.AuditHeads.AsNoTracking().SingleOrDefaultAsync(cancellationToken) ?? new AuditHead { Hash = AuditChain.Beginning };
        var start = after == 0
            ? AuditChain.Beginning
            : await db.AuditEntries.Where(e => e.Sequence == after).Select(e => e.Hash).SingleOrDefaultAsync(cancellationToken) ?? [];
        var (number, before) = (after, start);
        AuditFault? fault = null;
        while (fault is null && number - after < limit)
        {
            var first = number;
            var size = (int)Math.Min(_page, limit - (number - after));
            var entries = await db.AuditEntries.AsNoTracking().Where(e => e.Sequence > first).OrderBy(e => e.Sequence).Take(size).ToListAsync(cancellationToken);
            if (entries.Count == 0)
                break;
            var last = entries[^1].Sequence;
            var origins = await db.AuditOrigins.AsNoTracking().Where(o => o.Sequence > first && o.Sequence <= last).ToDictionaryAsync(o => o.Sequence, cancellationToken);
            var blank = origins.Values.Where(o => o.Salt is null).Select(o => o.SubjectId).Distinct().ToList();
            var erased = blank.Count == 0 ? [] : await db.AuditEntries
                .Where(e => e.Act == AuditActs.AccountErased && e.Outcome == AuditOutcome.Succeeded && blank.Contains(e.TargetId))
                .Select(e => e.TargetId!.Value).ToHashSetAsync(cancellationToken);
            foreach (var entry in entries)
            {
                fault = FindFault(number + 1, before, entry, origins.GetValueOrDefault(entry.Sequence), erased);
                if (fault is not null)
                    break;
                (number, before) = (entry.Sequence, entry.Hash);
            }
        }
        var atEnd = fault is null && !await db.AuditEntries.AnyAsync(e => e.Sequence > number, cancellationToken);
        if (atEnd && number < head.Sequence)
            fault = new(number + 1, $"is missing: the chain ends before its head, {head.Sequence}");
        else if (atEnd && number > head.Sequence)
            fault = new(head.Sequence + 1, "stands behind the head of the chain");
        else if (atEnd && !head.Hash.AsSpan().SequenceEqual(before))
            fault = new(number, "is not what the head of the chain says");
        return new(after, new(number, Convert.ToHexStringLower(before)), new(head.Sequence, Convert.ToHexStringLower(head.Hash)), fault);
    }

    private AuditFault? FindFault(long number, byte[] before, AuditEntry entry, AuditOrigin? origin, HashSet<Guid> erased)
    {
        if (entry.Sequence != number)
            return new(number, "is missing");
        if (!CryptographicOperations.FixedTimeEquals(chain.HashOf(entry, before), entry.Hash))
            return new(number, "does not match its hash: it, or the one before, was changed");
        if (origin is null)
            return new(number, "has lost where it came from");
        if (origin.Salt is not null)
            return CryptographicOperations.FixedTimeEquals(chain.CommitmentTo(origin), entry.Commitment) ? null : new(number, "names another origin than it was written with");
        var named = origin.SubjectId is { } subject && erased.Contains(subject)
            && ((entry.ActorId is null && entry.TargetId is null) || entry.ActorId == subject || entry.TargetId == subject);
        return named ? null : new(number, "was blanked, and nobody was erased");
    }
}
