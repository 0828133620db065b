using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Judging;

/// <summary>
/// Hands queued submissions to the judge, as many at a time as it has slots, and keeps their leases alive meanwhile. Any number of replicas do this beside each
/// other. While there is no judge nothing is claimed.
/// </summary>
internal sealed partial class DispatchSubmissions(
    SubmissionQueue queue,
    JudgeSubmission judging,
    JudgeAvailability availability,
    QueueSignal signal,
    IDatabaseMigration migration,
    IOptions<JudgeOptions> options,
    TimeProvider time,
    ILogger<DispatchSubmissions> logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestBusy = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestAway = TimeSpan.FromSeconds(10);

    private readonly Guid _worker = Guid.CreateVersion7();
    private readonly ConcurrentDictionary<Claim, Work> _running = new();
    private readonly GrowingPause _busy = new(_firstPause, _longestBusy, time);
    private readonly GrowingPause _away = new(_firstPause, _longestAway, time);
    private readonly Lock _gate = new();
    private DateTimeOffset _notBefore;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        var renewing = RenewAsync(stoppingToken);
        var trouble = new GrowingPause(_firstPause, options.Value.Poll, time);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await ClaimAsync(stoppingToken);
                    // After it: somebody who just handed in does not wait for this.
                    if (await queue.TakeBackAsync(stoppingToken) > 0)
                        signal.Wake();
                    trouble.Reset();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    Trouble(logger, e.Message);
                    await trouble.WaitAsync(stoppingToken);
                    continue;
                }
                await signal.WaitAsync(NextLook(), stoppingToken);
            }
        }
        finally
        {
            // Each of them lets go of its submission, so that another replica has it at once.
            await Task.WhenAll(_running.Values.Select(work => work.Ended));
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ClaimAsync(CancellationToken stoppingToken)
    {
        if (availability.Ready is not { } judge || NotBefore() > time.GetUtcNow())
            return;
        var want = judge.Slots - _running.Count;
        if (want <= 0)
            return;
        foreach (var claim in await queue.ClaimAsync(_worker, want, judge.Slots, availability.Languages, stoppingToken))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _running[claim] = new(stop, ended.Task);
            _ = RunAsync(claim, stop, ended);
        }
    }

    private async Task RunAsync(Claim claim, CancellationTokenSource stop, TaskCompletionSource ended)
    {
        // Off the loop that hands out work.
        await Task.Yield();
        try
        {
            switch (await judging.RunAsync(claim, stop.Token))
            {
                case ClaimOutcome.Done:
                    Go();
                    break;
                case ClaimOutcome.NoSlot:
                    Hold(_busy);
                    break;
                case ClaimOutcome.NoJudge:
                    Hold(_away);
                    break;
            }
        }
        catch (Exception e)
        {
            // Its lease ends, and it is judged again.
            Failed(logger, e, claim.SubmissionId, claim.Attempt);
        }
        finally
        {
            _running.TryRemove(claim, out _);
            stop.Dispose();
            ended.SetResult();
            signal.Wake();
        }
    }

    /// <summary>Renews what is under way, and ends the work on what was taken away: erased, judged anew, or given to another.</summary>
    private async Task RenewAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var before = _running.ToArray();
            if (before.Length == 0)
                continue;
            try
            {
                var held = await queue.RenewAsync(_worker, before.Select(w => w.Key.SubmissionId), stoppingToken);
                foreach (var (claim, work) in before.Where(w => !held.Contains(w.Key) && _running.ContainsKey(w.Key)))
                {
                    Lost(logger, claim.SubmissionId, claim.Attempt);
                    work.Stop();
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Trouble(logger, e.Message);
            }
        }
    }

    private TimeSpan NextLook()
    {
        var pause = NotBefore() - time.GetUtcNow();
        return pause > TimeSpan.Zero && pause < options.Value.Poll ? pause : options.Value.Poll;
    }

    private DateTimeOffset NotBefore()
    {
        lock (_gate)
            return _notBefore;
    }

    private void Hold(GrowingPause pause)
    {
        lock (_gate)
            _notBefore = time.GetUtcNow() + pause.Next();
    }

    private void Go()
    {
        lock (_gate)
        {
            _busy.Reset();
            _away.Reset();
            _notBefore = default;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue of submissions cannot be worked on: {Reason}")]
    private static partial void Trouble(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Judging submission {Id} failed in attempt {Attempt}")]
    private static partial void Failed(ILogger logger, Exception exception, Guid id, int attempt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Submission {Id} was taken away in attempt {Attempt}")]
    private static partial void Lost(ILogger logger, Guid id, int attempt);

    private sealed record Work(CancellationTokenSource Source, Task Ended)
    {
        public void Stop()
        {
            try
            {
                Source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself at the same moment.
                return;
            }
        }
    }
}
