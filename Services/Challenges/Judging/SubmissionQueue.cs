using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using TalentSphere.Challenges.Data;

namespace TalentSphere.Challenges.Judging;

/// <summary>A submission that this process may judge for as long as it renews the lease.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="Attempt">This beginning's number.</param>
/// <param name="Worker">Who holds it.</param>
internal readonly record struct Claim(Guid SubmissionId, int Attempt, Guid Worker);

/// <summary>
/// The queue of submissions, which are its rows. Whatever it says is committed when it says it, and a claim is good only while row, attempt and worker are the
/// same: a dispatcher that was thought dead finds that out when it comes back.
/// </summary>
/// <remarks>
/// Fairness is start-time fair queueing: a submission's turn is one after its owner's last that is under way, or else the turn that is being served, so that
/// whoever hands in a hundred stands with each further one behind everybody's next.
/// </remarks>
internal sealed class SubmissionQueue(NpgsqlDataSource database, IOptions<JudgeOptions> options)
{
    /// <summary>The channel that tells of new work.</summary>
    public const string Channel = "submissions_queued";

    // Any number will do; with the user's hash it keeps the submissions of one person apart from each other.
    private const int _lockSpace = 723_540_620;

    /// <summary>
    /// Finds the turn for another submission of a user's; null when too many of theirs wait already. Until the transaction ends nobody else finds one for them.
    /// </summary>
    public async Task<long?> FindTurnAsync(ChallengesDbContext db, Guid userId, CancellationToken cancellationToken)
    {
        // In a statement of its own, so that the next one sees what the holder before us committed.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lockSpace}, hashtext({userId.ToString()}))", cancellationToken);
        var place = await db.Database.SqlQuery<Place>(
            $"""
            SELECT (SELECT count(*)::int FROM submissions WHERE user_id = {userId} AND status <> 'Judged' AND priority = 0) AS "Pending",
                GREATEST(
                    (SELECT max(turn) + 1 FROM submissions WHERE user_id = {userId} AND status <> 'Judged' AND priority = 0),
                    LEAST(
                        (SELECT max(turn) FROM submissions WHERE status = 'Running' AND priority = 0),
                        (SELECT min(turn) FROM submissions WHERE status = 'Queued' AND priority = 0 AND (due_at IS NULL OR due_at <= now()))),
                    0) AS "Turn"
            """).SingleAsync(cancellationToken);
        return place.Pending >= options.Value.PendingPerUser ? null : place.Turn;
    }

    /// <summary>Wakes every replica's dispatcher once the transaction commits.</summary>
    public static Task AnnounceAsync(ChallengesDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, '')", cancellationToken);

    /// <summary>Takes what comes next.</summary>
    /// <param name="worker">Who takes it.</param>
    /// <param name="want">At most so many.</param>
    /// <param name="slots">And no more than leaves so many under way in all replicas together.</param>
    /// <param name="languages">Only what is written in these.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Claim>> ClaimAsync(Guid worker, int want, int slots, IReadOnlyCollection<string> languages, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            WITH next AS (
                SELECT id FROM submissions
                WHERE status = 'Queued' AND (due_at IS NULL OR due_at <= now()) AND language = ANY($4)
                ORDER BY priority, turn, id
                LIMIT LEAST($2, GREATEST(0, $3 - (SELECT count(*) FROM submissions WHERE status = 'Running' AND lease_until > now())))
                FOR UPDATE SKIP LOCKED)
            UPDATE submissions s
            SET status = 'Running', attempt = s.attempt + 1, worker = $1, lease_until = now() + $5, due_at = NULL, updated_at = now()
            FROM next WHERE s.id = next.id
            RETURNING s.id, s.attempt
            """);
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = (long)want });
        command.Parameters.Add(new() { Value = (long)slots });
        command.Parameters.Add(new() { Value = languages.ToArray() });
        command.Parameters.Add(new() { Value = options.Value.Lease, NpgsqlDbType = NpgsqlDbType.Interval });
        var claims = new List<Claim>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            claims.Add(new(reader.GetGuid(0), reader.GetInt32(1), worker));
        return claims;
    }

    /// <summary>Renews the leases of what a worker is at.</summary>
    /// <returns>What it still holds.</returns>
    public async Task<IReadOnlySet<Claim>> RenewAsync(Guid worker, IEnumerable<Guid> submissions, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE submissions SET lease_until = now() + $2 WHERE status = 'Running' AND worker = $1 AND id = ANY($3) RETURNING id, attempt");
        command.Parameters.Add(new() { Value = worker });
        command.Parameters.Add(new() { Value = options.Value.Lease, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new() { Value = submissions.ToArray() });
        var held = new HashSet<Claim>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            held.Add(new(reader.GetGuid(0), reader.GetInt32(1), worker));
        return held;
    }

    /// <summary>Puts a submission back where it was: nothing is known about it that was not known before.</summary>
    /// <param name="claim">The claim; one that is not good any more changes nothing.</param>
    /// <param name="pause">How long nobody takes it; null: at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ReleaseAsync(Claim claim, TimeSpan? pause, CancellationToken cancellationToken) => BackAsync(claim, pause ?? TimeSpan.Zero, failures: 0, cancellationToken);

    /// <summary>Puts a submission back after an attempt that came to nothing and may have been its own fault.</summary>
    /// <returns>How long nobody takes it.</returns>
    public async Task<TimeSpan> FailAsync(Claim claim, int failuresBefore, CancellationToken cancellationToken)
    {
        var pause = options.Value.FirstRetry * Math.Pow(4, Math.Min(failuresBefore, 5));
        await BackAsync(claim, pause, failures: 1, cancellationToken);
        return pause;
    }

    /// <summary>Puts back what nobody renewed the lease of: whoever held it is gone.</summary>
    /// <returns>How many that were.</returns>
    public async Task<int> TakeBackAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE submissions SET status = 'Queued', worker = NULL, lease_until = NULL, failures = failures + 1, updated_at = now()
            WHERE id IN (SELECT id FROM submissions WHERE status = 'Running' AND lease_until <= now() FOR UPDATE SKIP LOCKED)
                AND status = 'Running' AND lease_until <= now()
            """);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task BackAsync(Claim claim, TimeSpan pause, int failures, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE submissions
            SET status = 'Queued', worker = NULL, lease_until = NULL, failures = failures + $5, due_at = CASE WHEN $4 > interval '0' THEN now() + $4 END, updated_at = now()
            WHERE id = $1 AND attempt = $2 AND worker = $3 AND status = 'Running'
            """);
        command.Parameters.Add(new() { Value = claim.SubmissionId });
        command.Parameters.Add(new() { Value = claim.Attempt });
        command.Parameters.Add(new() { Value = claim.Worker });
        command.Parameters.Add(new() { Value = pause, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new() { Value = failures });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Place(int Pending, long Turn);
}
