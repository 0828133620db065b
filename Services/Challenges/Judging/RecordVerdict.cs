using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Live;
using TalentSphere.Challenges.Proofs;
using TalentSphere.Challenges.Submissions;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Judging;

/// <summary>
/// Writes a verdict: the judgement with its proof, the submission and the events that follow, in one transaction, and only for whoever holds the claim. A
/// judgement that changes nothing about the verdict is history alone: nobody is told of it.
/// </summary>
internal sealed partial class RecordVerdict(
    VerdictKeyRing keys, SubmissionProgress progress, IOptions<TokenOptions> issuer, TimeProvider time, ILogger<RecordVerdict> logger)
{
    /// <summary>Writes it.</summary>
    /// <param name="db">The database.</param>
    /// <param name="claim">The right to.</param>
    /// <param name="challenge">The challenge as it was when judging began, with its tests.</param>
    /// <param name="trial">What the judge told; null: it never came to an end, and that is the verdict.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when the claim is not good any more: then nothing is written.</returns>
    public async Task<bool> RunAsync(ChallengesDbContext db, Claim claim, Challenge challenge, Trial? trial, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var submission = await db.Submissions.FromSql(
            $"""
            SELECT * FROM submissions
            WHERE id = {claim.SubmissionId} AND attempt = {claim.Attempt} AND worker = {claim.Worker} AND status = 'Running' FOR UPDATE
            """).SingleOrDefaultAsync(cancellationToken);
        if (submission is null)
        {
            TooLate(logger, claim.SubmissionId, claim.Attempt);
            return false;
        }
        Correlation.Begin(submission.CorrelationId);
        var judgement = await JudgementAsync(submission, challenge, trial, cancellationToken);
        db.Judgements.Add(judgement);
        if (submission.Decide(judgement))
            Publish(db, submission, challenge, judgement);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        progress.Judged(submission);
        return true;
    }

    private async Task<Judgement> JudgementAsync(Submission submission, Challenge challenge, Trial? trial, CancellationToken cancellationToken)
    {
        var now = time.GetDatabaseNow();
        var (verdict, cpuMs, memoryKb) = trial is { Finished: var end } ? (end.Verdict, Math.Max(0, end.CpuMs), Math.Max(0, end.MemoryKb)) : (Verdicts.InternalError, 0, 0);
        var statement = new VerdictStatement(
            issuer.Value.Issuer,
            submission.UserId,
            new DateTimeOffset(now).ToUnixTimeSeconds(),
            submission.Id,
            submission.ChallengeId,
            submission.Attempt,
            submission.Language,
            trial?.Toolchain ?? "",
            VerdictProof.HashOf(submission.Code),
            VerdictProof.HashOf(challenge.TestCases),
            challenge.TestCases.Count,
            JobOfChallenge.LimitsOf(challenge),
            ProvenChecker.Of(JobOfChallenge.CheckerOf(challenge)),
            verdict,
            cpuMs,
            memoryKb);
        return new()
        {
            SubmissionId = submission.Id,
            Attempt = submission.Attempt,
            Verdict = verdict,
            CpuMs = cpuMs,
            MemoryKb = memoryKb,
            Toolchain = statement.Toolchain,
            CompileMessages = trial?.CompileMessages,
            Results = trial?.Results ?? [],
            Proof = await keys.SignAsync(statement, cancellationToken),
            JudgedAt = now,
        };
    }

    private static void Publish(ChallengesDbContext db, Submission submission, Challenge challenge, Judgement judgement)
    {
        var (id, userId, challengeId, attempt) = (submission.Id, submission.UserId, submission.ChallengeId, submission.Attempt);
        foreach (var test in judgement.Results)
        {
            if (test.Verdict == Verdicts.Accepted)
                db.Publish(new TestCasePassed(id, userId, challengeId, test.Ordinal, test.Verdict, attempt));
            else
                db.Publish(new TestCaseFailed(id, userId, challengeId, test.Ordinal, test.Verdict, attempt));
        }
        if (judgement.Verdict == Verdicts.Accepted)
        {
            db.Publish(new SubmissionApproved(
                id, userId, challengeId, challenge.Title, judgement.Verdict, challenge.Difficulty.Points(), judgement.CpuMs, judgement.MemoryKb, attempt));
        }
        else
        {
            db.Publish(new SubmissionRejected(id, userId, challengeId, challenge.Title, judgement.Verdict, judgement.CpuMs, judgement.MemoryKb, attempt));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The verdict of submission {Id} in attempt {Attempt} comes too late and is dropped")]
    private static partial void TooLate(ILogger logger, Guid id, int attempt);
}
