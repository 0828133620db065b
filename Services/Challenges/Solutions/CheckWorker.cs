using System.Data;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Solutions;

/// <summary>
/// Has the judge run the checks that authors ask for: one solution at a time per replica, so that authors never take more than one of its slots
/// from each, and each check in turn, so that a long one does not hold up the others. A check that its replica leaves behind is taken up by
/// another when its lease is over; a solution may then be judged twice, the outcome counts once.
/// </summary>
internal sealed partial class CheckWorker(
    IServiceScopeFactory scopes, IDatabaseMigration migration, JudgeClient judge, CheckSignal signal, TimeProvider time, ILogger<CheckWorker> logger)
        : BackgroundService
{
    // Longer than the judge may be silent: whatever it tells renews the lease.
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    // The judge's own failures are nobody's verdict; after so many in a row they are told to the author all the same.
    private const int _mostInternalErrors = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await TakeAsync(stoppingToken) is { } turn)
                    await RunAsync(turn, stoppingToken);
                await signal.WaitAsync(_look, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Stumbled(logger, e);
                await signal.WaitAsync(_look, time, stoppingToken);
            }
        }
    }

    /// <summary>Takes the check that has waited longest since its last turn.</summary>
    private async Task<Turn?> TakeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        var now = time.GetDatabaseNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var check = await db.Checks.FromSql(
            $"""
            SELECT * FROM solution_checks
            WHERE (state = 'Queued' AND next_try_at <= {now}) OR (state = 'Running' AND leased_until <= {now})
            ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """).SingleOrDefaultAsync(cancellationToken);
        if (check is null)
            return null;
        check.State = CheckState.Running;
        check.StartedAt ??= now;
        check.LeasedUntil = now + _lease;
        check.Turns++;
        check.Problem = null;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(check.ChallengeId, check.Id, check.Turns);
    }

    /// <summary>Judges the next solution of a check.</summary>
    private async Task RunAsync(Turn turn, CancellationToken cancellationToken)
    {
        if (await ReadAsync(turn, cancellationToken) is not var (challenge, check))
            return;
        var next = InOrder(challenge).Skip(check.Results.Count).FirstOrDefault();
        if (next is null)
        {
            await UpdateAsync(turn, End, cancellationToken);
            return;
        }
        var (renewed, overtaken) = (time.GetTimestamp(), false);
        SolutionResult result;
        try
        {
            result = await JudgeAsync(challenge, next, RenewAsync, cancellationToken);
        }
        catch (JudgeUnavailableException) when (overtaken)
        {
            return;
        }
        catch (JudgeUnavailableException e)
        {
            Waits(logger, turn.ChallengeId, e.Reason);
            await PutBackAsync(turn, e.Reason, e.RetryAfter, cancellationToken);
            return;
        }
        if (result.Actual == Verdicts.InternalError && check.Failures + 1 < _mostInternalErrors)
        {
            await PutBackAsync(turn, "JUDGE_INTERNAL_ERROR", null, cancellationToken);
            return;
        }
        await UpdateAsync(turn, c =>
        {
            c.Results = [.. c.Results, result];
            c.Failures = 0;
            // The others' turn; nobody else's lease is in the way of the next one.
            c.NextTryAt = time.GetDatabaseNow();
            c.LeasedUntil = c.NextTryAt;
            if (c.Results.Count == challenge.Solutions.Count)
                End(c);
        }, cancellationToken);

        async Task<bool> RenewAsync()
        {
            if (time.GetElapsedTime(renewed) < _renewEvery)
                return true;
            renewed = time.GetTimestamp();
            overtaken = !await UpdateAsync(turn, c => c.LeasedUntil = time.GetDatabaseNow() + _lease, cancellationToken);
            return !overtaken;
        }
    }

    private void End(SolutionCheck check)
    {
        check.State = check.Results.TrueForAll(r => r.Holds) ? CheckState.Passed : CheckState.Failed;
        check.FinishedAt = time.GetDatabaseNow();
        check.LeasedUntil = null;
    }

    /// <summary>What is to be checked, as it is at one moment; what was judged of an earlier version counts no more.</summary>
    private async Task<(Challenge Challenge, SolutionCheck Check)?> ReadAsync(Turn turn, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        Challenge? challenge;
        await using (var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken))
        {
            challenge = await db.Challenges.AsNoTracking().AsSplitQuery().Include(c => c.TestCases).Include(c => c.Solutions)
                .SingleOrDefaultAsync(c => c.Id == turn.ChallengeId, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        SolutionCheck? check = null;
        var mine = challenge is not null && await UpdateAsync(turn, c =>
        {
            if (c.AuthoringVersion != challenge.AuthoringVersion)
                c.Results = [];
            c.AuthoringVersion = challenge.AuthoringVersion;
            check = c;
        }, cancellationToken);
        return mine ? (challenge!, check!) : null;
    }

    // What must be accepted comes first: without it the others say nothing.
    private static IEnumerable<Solution> InOrder(Challenge challenge) =>
        challenge.Solutions.OrderBy(s => s.Expected != Verdicts.Accepted).ThenBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Id);

    private async Task<SolutionResult> JudgeAsync(Challenge challenge, Solution solution, Func<Task<bool>> renewAsync, CancellationToken cancellationToken)
    {
        var (ordinal, messages) = ((int?)null, (string?)null);
        // The verdict is that of the first test that is not accepted: the others would only take time.
        var job = challenge.JobFor(solution.Language, solution.Source, challenge.TestCases) with { StopAtFirstFailure = true };
        try
        {
            await foreach (var told in judge.JudgeAsync(job, cancellationToken))
            {
                switch (told)
                {
                    case JudgeCompiled { Ok: false } compiled:
                        messages = compiled.Messages;
                        break;
                    case JudgeTested tested when tested.Verdict != Verdicts.Accepted:
                        ordinal ??= tested.Ordinal;
                        break;
                    case JudgeFinished finished:
                        return Result(finished.Verdict, finished.CpuMs, finished.MemoryKb, finished.Toolchain);
                    default:
                        break;
                }
                if (!await renewAsync())
                    break;
            }
        }
        catch (JudgeRefusedException e)
        {
            // It will not change its mind: the author has to know.
            messages = e.Message;
            return Result(Verdicts.InternalError, 0, 0, null);
        }
        throw new JudgeUnavailableException(JudgeClient.Broken, "its answer ended before the job did");

        SolutionResult Result(string verdict, int cpuMs, int memoryKb, string? toolchain) =>
            new(solution.Id, solution.Name, solution.Language, solution.Expected, verdict, ordinal, cpuMs, memoryKb, toolchain, messages);
    }

    private Task<bool> PutBackAsync(Turn turn, string problem, TimeSpan? retryAfter, CancellationToken cancellationToken) => UpdateAsync(turn, c =>
    {
        var growing = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _shortestPause.Ticks << Math.Min(c.Failures, 10)));
        // A judge with no free slot is busy, not away, and its slots are free again soon.
        c.NextTryAt = time.GetDatabaseNow() + (problem == JudgeClient.NoSlot ? _shortestPause : retryAfter ?? growing);
        c.State = CheckState.Queued;
        c.LeasedUntil = null;
        c.Failures++;
        c.Problem = problem;
    }, cancellationToken);

    /// <returns>False when the check has become another one, or another replica's.</returns>
    private async Task<bool> UpdateAsync(Turn turn, Action<SolutionCheck> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var check = await db.Checks.FromSql($"SELECT * FROM solution_checks WHERE challenge_id = {turn.ChallengeId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (check is not { State: CheckState.Running } || check.Id != turn.CheckId || check.Turns != turn.Number)
            return false;
        change(check);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The check of challenge {ChallengeId} waits: {Reason}")]
    private static partial void Waits(ILogger logger, Guid challengeId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Checking solutions failed; the check is taken up again")]
    private static partial void Stumbled(ILogger logger, Exception exception);

    private sealed record Turn(Guid ChallengeId, Guid CheckId, int Number);
}
