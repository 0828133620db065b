using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Audit;

/// <summary>An act that is to be written down.</summary>
/// <param name="Act">One of <see cref="AuditActs"/>.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Caller">Where it came from; null for the platform itself.</param>
internal sealed record AuditNote(string Act, AuditOutcome Outcome, Caller? Caller)
{
    /// <summary>The account that did it, where that is proved.</summary>
    public Guid? Actor { get; init; }

    /// <summary>What it was done to.</summary>
    public Guid? Target { get; init; }

    /// <summary>The account whose data the origin is, where that is not the actor.</summary>
    public Guid? Subject { get; init; }

    /// <summary>The normalised address that was typed in; only a digest of it is kept.</summary>
    public string? Email { get; init; }

    /// <summary>At most <see cref="AuditEntry.MaxDetail"/> characters, nothing personal, no secret.</summary>
    public string? Detail { get; init; }
}

/// <summary>Appends to the audit, in the transaction of the act.</summary>
internal sealed class AuditTrail(AuthDbContext db, AuditChain chain, TimeProvider time)
{
    private const int _saltLength = 16;

    /// <summary>
    /// Appends an entry. The last thing to do before the commit: everybody who appends waits for whoever has and did not commit yet, so that the chain has the
    /// order of the commits, and nobody who waits here holds what another one needs.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no transaction.</exception>
    public async Task WriteAsync(AuditNote note, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("An act and its entry are one transaction: there is none.");
        var head = (await db.Database.SqlQuery<Head>($"SELECT sequence, hash FROM audit_head FOR UPDATE").ToListAsync(cancellationToken)).Single();
        var subject = note.Subject ?? note.Actor;
        var origin = new AuditOrigin
        {
            IpAddress = note.Caller?.IpAddress,
            UserAgent = note.Caller?.UserAgent,
            EmailDigest = note.Email is null ? null : chain.DigestOf(note.Email),
            Salt = RandomNumberGenerator.GetBytes(_saltLength),
        };
        var entry = new AuditEntry
        {
            Sequence = head.Sequence + 1,
            At = time.GetDatabaseNow(),
            Act = note.Act,
            Outcome = note.Outcome,
            ActorId = note.Actor,
            TargetId = note.Target,
            Detail = note.Detail,
            CorrelationId = Correlation.Current,
            Commitment = chain.CommitmentTo(origin),
        };
        var hash = chain.HashOf(entry, head.Hash);
        var outcome = entry.Outcome.ToString();
        // Somebody who was erased meanwhile leaves no origin: the row is looked for after the head was taken, which an erasure holds until it is done.
        await db.Database.ExecuteSqlAsync($"""
            WITH entry AS (
                INSERT INTO audit_entries (sequence, at, act, outcome, actor_id, target_id, detail, correlation_id, commitment, hash)
                VALUES ({entry.Sequence}, {entry.At}, {entry.Act}, {outcome}, {entry.ActorId}::uuid, {entry.TargetId}::uuid, {entry.Detail}::text,
                    {entry.CorrelationId}, {entry.Commitment}, {hash})
            ), head AS (
                UPDATE audit_head SET sequence = {entry.Sequence}, hash = {hash}
            )
            INSERT INTO audit_origins (sequence, subject_id, ip_address, user_agent, email_digest, salt)
            SELECT {entry.Sequence}, {subject}::uuid, CASE WHEN known THEN {origin.IpAddress}::text END, CASE WHEN known THEN {origin.UserAgent}::text END,
                CASE WHEN known THEN {origin.EmailDigest}::bytea END, CASE WHEN known THEN {origin.Salt}::bytea END
            FROM (SELECT {subject}::uuid IS NULL OR EXISTS (SELECT FROM accounts WHERE id = {subject}::uuid) AS known) AS person
            """, cancellationToken);
    }

    /// <summary>Appends an entry about something that changed nothing else: a transaction of its own.</summary>
    public async Task WriteAloneAsync(AuditNote note, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await WriteAsync(note, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Appends the entry of an erasure and blanks every origin that is the account's, or in which its address was typed. The account's row is gone already.
    /// </summary>
    /// <returns>How many origins were blanked.</returns>
    public async Task<int> EraseAsync(AuditNote note, Guid account, string email, CancellationToken cancellationToken)
    {
        await WriteAsync(note, cancellationToken);
        var digest = chain.DigestOf(email);
        // Rows of nobody become the account's: a blank row has to name somebody who was erased.
        return await db.Database.ExecuteSqlAsync($"""
            UPDATE audit_origins SET subject_id = coalesce(subject_id, {account}), ip_address = NULL, user_agent = NULL, email_digest = NULL, salt = NULL
            WHERE salt IS NOT NULL AND (subject_id = {account} OR (subject_id IS NULL AND email_digest = {digest}))
            """, cancellationToken);
    }

    private sealed record Head(long Sequence, byte[] Hash);
}
