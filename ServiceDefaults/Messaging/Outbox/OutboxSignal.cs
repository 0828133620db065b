using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Wakes the relay once an event is committed. Registered as an <see cref="IInterceptor"/>, so that every DbContext of the service tells it of its commits.
/// </summary>
internal sealed class OutboxSignal : ISaveChangesInterceptor, IDbTransactionInterceptor
{
    private static readonly ConditionalWeakTable<DbContext, object> _expecting = [];
    private static readonly object _mark = new();

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Notes that this context's next commit carries an event.</summary>
    public static void Expect(DbContext db) => _expecting.AddOrUpdate(db, _mark);

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Completes when there is a wake-up to take.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _wake.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the wake-up, if there is one.</summary>
    public bool TryTake() => _wake.Reader.TryRead(out _);

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context);
        return result;
    }

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Committed(eventData.Context);

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Committed(eventData.Context);
        return Task.CompletedTask;
    }

    private void Saved(DbContext? db)
    {
        // Inside a transaction of the caller's nothing is there to publish before that commits.
        if (db is { Database.CurrentTransaction: null })
            Committed(db);
    }

    private void Committed(DbContext? db)
    {
        if (db is not null && _expecting.Remove(db))
            Wake();
    }
}
