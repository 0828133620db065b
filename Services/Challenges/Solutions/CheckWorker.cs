using System.Data;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Solutions;

/// <summary>
/// Has the judge run the checks that authors ask for, one at a time per replica, so that authors never take more than one of its slots from
/// each. A check that its replica leaves behind is begun again by another when its lease is over; a check may be run twice, its outcome
/// counts once.
/// </summary>
internal sealed partial class CheckWorker(
    IServiceScopeFactory scopes, IDatabaseMigration migration, JudgeClient judge, CheckSignal signal, TimeProvider time, ILogger<CheckWorker> logger) : BackgroundService
{
    // Longer than the judge may be silent: whatever it tells renews the lease.
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _renewEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    // The judge's own failures are nobody's verdict; after so many they are told to the author all the same.
    private const int _mostInternalErrors = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await TakeAsync(stoppingToken) is { } taken)
                    await RunAsync(taken, stoppingToken);
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

    private async Task<Taken?> TakeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        var now = time.GetDatabaseNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var check = await db.Checks.FromSql(
            $"""
            SELECT * FROM solution_checks
            WHERE (state = 'Queued' AND next_try_at <= {now}) OR (state = 'Running' AND leased_until <= {now})
            ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """).SingleOrDefaultAsync(cancellationToken);
        if (check is null)
            return null;
        check.State = CheckState.Running;
        check.StartedAt = now;
        check.LeasedUntil = now + _lease;
        check.Attempts++;
        check.Problem = null;
        check.Results = [];
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(check.ChallengeId, check.Id, check.Attempts);
    }

    private async Task RunAsync(Taken taken, CancellationToken cancellationToken)
    {
        if (await ReadAsync(taken, cancellationToken) is not { } challenge)
            return;
        var results = new List<SolutionResult>();
        var renewed = time.GetTimestamp();
        try
        {
            foreach (var solution in InOrder(challenge))
            {
                results.Add(await JudgeAsync(challenge, solution, RenewAsync, cancellationToken));
                await RenewAsync(now: true);
            }
        }
        catch (JudgeUnavailableException e)
        {
            Waits(logger, taken.ChallengeId, e.Reason);
            await PutBackAsync(taken, e.Reason, e.RetryAfter, cancellationToken);
            return;
        }
        catch (CheckOvertakenException)
        {
            return;
        }
        if (taken.Attempts < _mostInternalErrors && results.Exists(r => r.Actual == Verdicts.InternalError && !r.Holds))
        {
            await PutBackAsync(taken, "JUDGE_INTERNAL_ERROR", null, cancellationToken);
            return;
        }
        await UpdateAsync(taken, c =>
        {
            c.State = results.TrueForAll(r => r.Holds) ? CheckState.Passed : CheckState.Failed;
            c.FinishedAt = time.GetDatabaseNow();
            c.LeasedUntil = null;
            c.Results = results;
        }, cancellationToken);

        async Task RenewAsync(bool now)
        {
            if (!now && time.GetElapsedTime(renewed) < _renewEvery)
                return;
            renewed = time.GetTimestamp();
            var mine = await UpdateAsync(taken, c => (c.LeasedUntil, c.Results) = (time.GetDatabaseNow() + _lease, [.. results]), cancellationToken);
            if (!mine)
                throw new CheckOvertakenException();
        }
    }

    /// <summary>What is to be checked, as it is at one moment; the check notes which version that is.</summary>
    private async Task<Challenge?> ReadAsync(Taken taken, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var challenge = await db.Challenges.AsNoTracking().AsSplitQuery().Include(c => c.TestCases).Include(c => c.Solutions)
            .SingleOrDefaultAsync(c => c.Id == taken.ChallengeId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return challenge is not null && await UpdateAsync(taken, c => c.AuthoringVersion = challenge.AuthoringVersion, cancellationToken) ? challenge : null;
    }

    // What must be accepted comes first: without it the others say nothing.
    private static IEnumerable<Solution> InOrder(Challenge challenge) => challenge.Solutions.OrderBy(s => s.Expected != Verdicts.Accepted).ThenBy(s => s.Id);

    private async Task<SolutionResult> JudgeAsync(Challenge challenge, Solution solution, Func<bool, Task> renewAsync, CancellationToken cancellationToken)
    {
        var (ordinal, messages) = ((int?)null, (string?)null);
        try
        {
            await foreach (var told in judge.JudgeAsync(JobOf(challenge, solution), cancellationToken))
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
                await renewAsync(false);
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

    private static JudgeJob JobOf(Challenge challenge, Solution solution) => new(
        Guid.CreateVersion7(),
        solution.Language,
        solution.Source,
        new JudgeLimits(challenge.TimeLimitMs, challenge.MemoryLimitKb, 1024),
        new JudgeChecker(KindName(challenge.Checker.Kind))
        {
            Absolute = challenge.Checker.Absolute,
            Relative = challenge.Checker.Relative,
            Language = challenge.Checker.Language,
            Source = challenge.Checker.Source,
        },
        [.. challenge.TestCases.OrderBy(t => t.Ordinal).Select(t => new JudgeTest(t.Ordinal, t.Input, t.ExpectedOutput))])
    {
        // The verdict is that of the first test that is not accepted: the others would only take time.
        StopAtFirstFailure = true,
    };

    private static string KindName(CheckerKind kind) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    private Task<bool> PutBackAsync(Taken taken, string problem, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var growing = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _shortestPause.Ticks << Math.Min(taken.Attempts - 1, 10)));
        // A judge with no free slot is busy, not away, and its slots are free again soon.
        var pause = problem == JudgeClient.NoSlot ? _shortestPause : retryAfter ?? growing;
        return UpdateAsync(taken, c =>
        {
            c.State = CheckState.Queued;
            c.NextTryAt = time.GetDatabaseNow() + pause;
            c.LeasedUntil = null;
            c.Problem = problem;
            c.Results = [];
        }, cancellationToken);
    }

    /// <returns>False when the check has become another one, or another replica's.</returns>
    private async Task<bool> UpdateAsync(Taken taken, Action<SolutionCheck> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var check = await db.Checks.FromSql($"SELECT * FROM solution_checks WHERE challenge_id = {taken.ChallengeId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        if (check is not { State: CheckState.Running } || check.Id != taken.CheckId || check.Attempts != taken.Attempts)
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

    private sealed record Taken(Guid ChallengeId, Guid CheckId, int Attempts);

    /// <summary>The check was asked for again, or another replica has it.</summary>
    private sealed class CheckOvertakenException : Exception;
}
