using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Live;
using TalentSphere.Challenges.Submissions;

namespace TalentSphere.Challenges.Judging;

/// <summary>What became of a claim, as far as the dispatcher has to know.</summary>
internal enum ClaimOutcome
{
    /// <summary>The submission has its verdict, or somebody else has the submission, or it waits for another try of its own.</summary>
    Done,

    /// <summary>Every slot was taken: it is back in its place.</summary>
    NoSlot,

    /// <summary>There is no judge at the moment: it is back in its place.</summary>
    NoJudge,
}

/// <summary>One claim, from the queue to its verdict or back.</summary>
internal sealed partial class JudgeSubmission(
    IServiceScopeFactory scopes,
    JudgeClient judge,
    JudgeAvailability availability,
    SubmissionQueue queue,
    QueueSignal signal,
    SubmissionProgress progress,
    IOptions<JudgeOptions> options,
    ILogger<JudgeSubmission> logger)
{
    // When the dispatcher ends, the database is asked for this long to take its claims back at once; after that the lease does it.
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _missingLanguage = TimeSpan.FromSeconds(15);

    /// <summary>Judges it. Cancelled, it lets go of the submission.</summary>
    public async Task<ClaimOutcome> RunAsync(Claim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await JudgeAsync(claim, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(_farewell);
            await queue.ReleaseAsync(claim, pause: null, limit.Token);
            return ClaimOutcome.Done;
        }
    }

    private async Task<ClaimOutcome> JudgeAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        // One statement, and so one state of challenge and tests.
        var submission = await db.Submissions.AsNoTracking().Include(s => s.Challenge!.TestCases)
            .SingleOrDefaultAsync(s => s.Id == claim.SubmissionId && s.Attempt == claim.Attempt, cancellationToken);
        if (submission?.Challenge is not { } challenge)
            return ClaimOutcome.Done;
        var job = challenge.JobFor(submission.Language, submission.Code, challenge.TestCases);
        var trial = new Trial(job, challenge.TestCases.Where(t => t.Sample).Select(t => t.Ordinal).ToHashSet());
        try
        {
            await foreach (var told in judge.JudgeAsync(job, cancellationToken))
            {
                trial.Take(told);
                progress.Told(submission, told);
            }
        }
        catch (JudgeUnavailableException e) when (e.Reason == JudgeClient.NoSlot)
        {
            await queue.ReleaseAsync(claim, pause: null, cancellationToken);
            return ClaimOutcome.NoSlot;
        }
        catch (JudgeUnavailableException e) when (e.Reason != JudgeClient.Broken)
        {
            await queue.ReleaseAsync(claim, e.Reason == JudgeClient.LanguageUnavailable ? _missingLanguage : null, cancellationToken);
            availability.Doubt(e);
            progress.Queued(submission);
            return ClaimOutcome.NoJudge;
        }
        catch (Exception e) when (e is JudgeUnavailableException or JudgeRefusedException)
        {
            NoVerdict(logger, submission.Id, claim.Attempt, e.Message);
            return await AgainAsync(db, submission, challenge, claim, cancellationToken);
        }
        if (trial.Finished.Verdict == Verdicts.InternalError)
        {
            NoVerdict(logger, submission.Id, claim.Attempt, Verdicts.InternalError);
            return await AgainAsync(db, submission, challenge, claim, cancellationToken);
        }
        await scope.ServiceProvider.GetRequiredService<RecordVerdict>().RunAsync(db, claim, challenge, trial, cancellationToken);
        return ClaimOutcome.Done;
    }

    /// <summary>It may be the judge's fault or the program's: tried a few times with growing pauses, then that is the verdict.</summary>
    private async Task<ClaimOutcome> AgainAsync(ChallengesDbContext db, Submission submission, Challenge challenge, Claim claim, CancellationToken cancellationToken)
    {
        if (submission.Failures + 1 < options.Value.Tries)
        {
            signal.WakeIn(await queue.FailAsync(claim, submission.Failures, cancellationToken));
            progress.Queued(submission);
            return ClaimOutcome.Done;
        }
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<RecordVerdict>().RunAsync(db, claim, challenge, trial: null, cancellationToken);
        return ClaimOutcome.Done;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Submission {Id} got no verdict in attempt {Attempt}: {Reason}")]
    private static partial void NoVerdict(ILogger logger, Guid id, int attempt, string reason);
}
