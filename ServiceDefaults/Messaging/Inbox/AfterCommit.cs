using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Best-effort work of a consumer, such as a push to an open connection, that must not happen before its transaction is committed. Scoped: take it in the
/// consumer's constructor. Each action has five seconds; a failure is logged and never retried.
/// </summary>
public sealed class AfterCommit(ILogger<AfterCommit> logger, TimeProvider time)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);
    private readonly List<Func<CancellationToken, Task>> _actions = [];

    internal bool InConsumer { get; set; }

    /// <summary>Keeps an action until the transaction of the current message is committed. It is dropped when the consumer fails.</summary>
    /// <exception cref="InvalidOperationException">There is no message being consumed in this scope, so nobody would run it.</exception>
    public void Run(Func<CancellationToken, Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (!InConsumer)
            throw new InvalidOperationException("AfterCommit belongs to the consumer of an event; elsewhere, act after SaveChangesAsync.");
        _actions.Add(action);
    }

    internal async Task RunAllAsync(CancellationToken cancellationToken)
    {
        foreach (var action in _actions)
        {
            using var limit = new CancellationTokenSource(_limit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                await action(both.Token).WaitAsync(both.Token);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Work after the commit failed; the effect of the event stands");
            }
        }
    }
}
