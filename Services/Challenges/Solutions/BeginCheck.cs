using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class BeginCheck
{
    private static readonly TimeSpan _comeBack = TimeSpan.FromSeconds(30);

    // Well within what the gateway waits for an answer.
    private static readonly TimeSpan _judgeAnswers = TimeSpan.FromSeconds(3);

    public static async Task<Results<ApiAccepted<CheckView>, ApiProblem>> HandleAsync(
        Guid challengeId,
        ChallengesDbContext db,
        ClaimsPrincipal user,
        JudgeClient judge,
        CheckSignal signal,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var languages = await db.Challenges.ChangeableBy(user).Where(c => c.Id == challengeId)
            .Select(c => new { Checker = c.Checker.Language, Solutions = c.Solutions.Select(s => s.Language).Distinct().ToList() })
            .SingleOrDefaultAsync(cancellationToken);
        if (languages is null)
            return Api.NotFound();
        var refusal = await RefusalAsync(judge, [.. languages.Solutions, .. languages.Checker is { } checker ? (string[])[checker] : []], cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockWithSolutionsAsync(challengeId, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        // What the author can mend comes before what only time mends.
        if (!challenge.IsComplete)
            return PublishChallenge.Incomplete();
        if (!challenge.HasReferences)
            return PublishChallenge.LacksSolutions();
        if (refusal is not null)
            return refusal;
        // Locked, or the worker could put a result of the former check into the new one.
        var check = await db.Checks.FromSql($"SELECT * FROM solution_checks WHERE challenge_id = {challengeId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        if (check is not { State: CheckState.Queued or CheckState.Running } || check.AuthoringVersion != challenge.AuthoringVersion)
        {
            if (check is null)
                db.Checks.Add(check = new SolutionCheck { ChallengeId = challengeId });
            check.Id = Guid.CreateVersion7();
            check.State = CheckState.Queued;
            check.AuthoringVersion = challenge.AuthoringVersion;
            check.RequestedAt = check.NextTryAt = time.GetDatabaseNow();
            check.StartedAt = check.FinishedAt = check.LeasedUntil = null;
            check.Turns = check.Failures = 0;
            check.Problem = null;
            check.Results = [];
            await db.SaveChangesAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        signal.Wake();
        return Api.Accepted($"/api/v1/challenges/{challengeId}/check", CheckView.Of(check, challenge.AuthoringVersion, challenge.Solutions.Count));
    }

    /// <returns>Null when the judge can run all of the languages.</returns>
    private static async Task<ApiProblem?> RefusalAsync(JudgeClient judge, IReadOnlyList<string> languages, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_judgeAnswers);
        try
        {
            var able = await judge.LanguagesAsync(limit.Token);
            if (!able.MayJudge)
                return Unavailable(JudgeClient.MayNotJudge, "The judge refuses to run programs where it is.");
            var lacking = string.Join(", ", languages.Except(able.Languages.Where(l => l.Available).Select(l => l.Id), StringComparer.Ordinal).Order());
            return lacking.Length == 0 ? null : Unavailable(JudgeClient.LanguageUnavailable, $"The judge cannot run {lacking} at the moment.");
        }
        catch (JudgeUnavailableException e)
        {
            // One that hangs up, or talks nonsense about its languages, is no more there than one that does not answer.
            return Unavailable(JudgeClient.Away, "There is no judge at the moment.", e.RetryAfter);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable(JudgeClient.Away, "There is no judge at the moment.");
        }
    }

    private static ApiProblem Unavailable(string code, string message, TimeSpan? retryAfter = null) =>
        Api.Problem(StatusCodes.Status503ServiceUnavailable, code, message).RetryAfter(retryAfter ?? _comeBack);
}
