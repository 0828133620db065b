using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>The events that a service has published and still keeps, or is about to publish.</summary>
public sealed class RetainedEvents
{
    private const int _page = 200;

    private readonly EventRedaction _redaction;

    internal RetainedEvents(EventRedaction redaction) => _redaction = redaction;

    /// <summary>
    /// Takes what is <paramref name="owner"/>'s out of every event in the outbox, in the caller's transaction. What is not published yet goes out redacted.
    /// An event that is in a relay's hands at this moment may still go out as it was; a subscriber that has erased the owner redacts it on arrival.
    /// </summary>
    /// <returns>How many events were changed.</returns>
    public async Task<int> RedactAsync(DbContext db, Guid owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var owners = new HashSet<Guid> { owner };
        var changed = 0;
        while (true)
        {
            // A changed row is not the owner's any more, so each page is the first one.
            var rows = await db.Set<OutboxMessage>().FromSql($"SELECT * FROM outbox_messages WHERE personal_of @> ARRAY[{owner}]").AsNoTracking()
                .OrderBy(m => m.Sequence).Take(_page).Select(m => new { m.Id, m.Envelope }).ToListAsync(cancellationToken);
            if (rows.Count == 0)
                return changed;
            var ids = rows.Select(row => row.Id).ToArray();
            var envelopes = rows.Select(row => _redaction.Redact(row.Envelope, owners).ToArray()).ToArray();
            changed += await db.Database.ExecuteSqlAsync(
                $"""
                UPDATE outbox_messages o SET envelope = n.envelope, personal_of = nullif(array_remove(o.personal_of, {owner}), ARRAY[]::uuid[])
                FROM unnest({ids}, {envelopes}) AS n (id, envelope) WHERE o.id = n.id AND o.personal_of @> ARRAY[{owner}]
                """, cancellationToken);
        }
    }

    /// <summary>The same for the events that a rebuild which is under way was brought, or keeps meanwhile.</summary>
    internal async Task RedactStagedAsync(DbContext db, Guid owner, CancellationToken cancellationToken)
    {
        if (!await db.Database.SqlQuery<bool>($"SELECT to_regclass('rebuild.events') IS NOT NULL AS \"Value\"").SingleAsync(cancellationToken))
            return;
        var (owners, needle) = (new HashSet<Guid> { owner }, Encoding.ASCII.GetBytes(owner.ToString()));
        var rows = await db.Database.SqlQuery<StagedEvent>($"SELECT id, envelope FROM rebuild.events WHERE position({needle} IN envelope) > 0").ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            var redacted = _redaction.Redact(row.Envelope, owners);
            if (!redacted.Span.SequenceEqual(row.Envelope))
                await db.Database.ExecuteSqlAsync($"UPDATE rebuild.events SET envelope = {redacted.ToArray()} WHERE id = {row.Id}", cancellationToken);
        }
    }

    private sealed record StagedEvent(Guid Id, byte[] Envelope);
}
