using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Rebuilds the projection from events into a shadow, compares the two, and exchanges them. One rebuild per database; whoever works at it, of any number of
/// replicas, holds an advisory lock.
/// </summary>
internal sealed class ShadowRebuild(
    Func<IServiceProvider, DbContext> contexts, IServiceScopeFactory scopes, NpgsqlDataSource database, Projection projection, Subscriptions subscriptions,
    ServiceIdentity identity, EventPipeline pipeline, TimeProvider time, ILogger<ShadowRebuild> logger) : BackgroundService
{
    private const int _batch = 200;

    // So few are soon caught up with while nothing else is applied.
    private const int _tail = 100;
    private const int _swapTries = 60;
    private static readonly TimeSpan _noteInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(1);

    private readonly ShadowSchema _shadow = new(database, Topology.QueueOf(identity.Name), [.. subscriptions.Handled.Select(topic => topic.Key)]);
    private readonly EnvelopeSerialization _serialization = new(subscriptions.Handled);
    private readonly Channel<Order> _orders = Channel.CreateUnbounded<Order>();

    /// <summary>How far it is; null when there is none.</summary>
    public Task<ShadowState?> FindAsync(CancellationToken cancellationToken) => _shadow.FindAsync(cancellationToken);

    /// <summary>Begins a rebuild, or goes on with one of the same moment that is not finished.</summary>
    /// <returns>Null while somebody works at one.</returns>
    public async Task<ShadowState?> BeginAsync(DateTime? asOf, CancellationToken cancellationToken)
    {
        await using var work = await AdvisoryLock.TryTakeAsync(database, ShadowSchema.WorkLock, cancellationToken);
        if (work is null)
            return null;
        var state = await _shadow.FindAsync(cancellationToken);
        if (state is not { Phase: ShadowPhase.Collecting or ShadowPhase.Applying or ShadowPhase.Comparing or ShadowPhase.Swapped } || state.AsOf != asOf)
        {
            string migrations;
            await using (var scope = scopes.CreateAsyncScope())
                migrations = contexts(scope.ServiceProvider).GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.NoTransactions);
            await _shadow.CreateAsync(Guid.CreateVersion7(), migrations, asOf, cancellationToken);
        }
        return await _shadow.FindAsync(cancellationToken);
    }

    /// <summary>Keeps events that somebody brought.</summary>
    /// <returns>How many are new; null when events are not being collected.</returns>
    public Task<int?> StageAsync(string source, IReadOnlyList<(EventEnvelope Envelope, byte[] Body)> events, CancellationToken cancellationToken) =>
        _shadow.StageAsync(source, events, cancellationToken);

    /// <summary>Has what is collected applied and compared, or exchanged, in the background.</summary>
    /// <returns>False while somebody is at it.</returns>
    public async Task<bool> StartAsync(bool swap, bool acceptLoss, CancellationToken cancellationToken)
    {
        var work = await AdvisoryLock.TryTakeAsync(database, ShadowSchema.WorkLock, cancellationToken);
        if (work is null)
            return false;
        if (_orders.Writer.TryWrite(new(swap, acceptLoss, work)))
            return true;
        await work.DisposeAsync();
        return false;
    }

    /// <summary>Takes it away.</summary>
    /// <returns>False while somebody is at it.</returns>
    public async Task<bool> DropAsync(CancellationToken cancellationToken)
    {
        await using var work = await AdvisoryLock.TryTakeAsync(database, ShadowSchema.WorkLock, cancellationToken);
        if (work is null)
            return false;
        await _shadow.DropAsync(cancellationToken);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A request's trace has ended by the time its work begins, and a span per event would bury the others.
        using var quiet = SuppressInstrumentationScope.Begin();
        var sweeping = SweepAsync(stoppingToken);
        try
        {
            await foreach (var order in _orders.Reader.ReadAllAsync(stoppingToken))
            {
                await using (order.Work)
                    await WorkAsync(order, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left undone is taken up by whoever is asked next.
            await sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A rebuild that everybody forgot goes after a day: it holds personal data, and every event is kept for it once more.</summary>
    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_sweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await _shadow.FindAsync(stoppingToken) is { Working: false } state && state.BegunAt < time.GetUtcNow().UtcDateTime - _lifetime)
                    await DropAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                logger.LogWarning("A forgotten rebuild could not be taken away: {Fault}", e.Message);
            }
        }
    }

    private async Task WorkAsync(Order order, CancellationToken cancellationToken)
    {
        try
        {
            if (await _shadow.FindAsync(cancellationToken) is not { } state)
                return;
            if (state.Phase != ShadowPhase.Swapped)
            {
                var tables = Tables();
                await _shadow.EnterAsync(ShadowPhase.Applying, cancellationToken);
                while (await ApplyAsync(state.AsOf, cancellationToken) > _tail)
                    await _shadow.AnalyzeAsync(tables, cancellationToken);
                if (!order.Swap)
                {
                    await CompareAsync(tables, state.AsOf, cancellationToken);
                    return;
                }
                await SwapAsync(tables, state.AsOf, order.AcceptLoss, cancellationToken);
            }
            await RunAfterSwapAsync(cancellationToken);
            await _shadow.EnterAsync(ShadowPhase.Live, cancellationToken);
            logger.LogInformation("The rebuilt projection is live");
        }
        catch (RefusedException e)
        {
            logger.LogWarning("The rebuild is not put live: {Reason}", e.Message);
            await NoteFaultAsync(e, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "The rebuild stopped");
            await NoteFaultAsync(e, cancellationToken);
        }
    }

    private async Task CompareAsync(IReadOnlyList<TableShape> tables, DateTime? asOf, CancellationToken cancellationToken)
    {
        await _shadow.EnterAsync(ShadowPhase.Comparing, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using (var pause = await AdvisoryLock.TakeAsync(database, ShadowSchema.PauseLock, cancellationToken))
        {
            // What was applied live up to this moment, and nothing more, is in both; once the snapshot is taken, events may go on.
            await ApplyAsync(asOf, cancellationToken);
            await _shadow.CountGapsAsync(tables, asOf, cancellationToken);
            await using var snapshot = new NpgsqlCommand("SELECT pg_current_snapshot()::text", connection);
            await snapshot.ExecuteScalarAsync(cancellationToken);
        }
        var compared = new List<TableComparison>(tables.Count);
        foreach (var table in tables)
            compared.Add(await ShadowSchema.CompareAsync(connection, table, withLive: asOf is null, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        await _shadow.NoteComparisonAsync(compared, cancellationToken);
    }

    private async Task SwapAsync(IReadOnlyList<TableShape> tables, DateTime? asOf, bool acceptLoss, CancellationToken cancellationToken)
    {
        if (asOf is not null)
            throw new RefusedException("A projection as of a moment lacks what came after it and is not put live.");
        for (var tries = 1; ; tries++)
        {
            await using (var pause = await AdvisoryLock.TakeAsync(database, ShadowSchema.PauseLock, cancellationToken))
            {
                await ApplyAsync(asOf, cancellationToken);
                var lost = await _shadow.CountGapsAsync(tables, asOf, cancellationToken);
                if (lost > 0 && !acceptLoss)
                    throw new RefusedException($"{lost} events that the live projection was made of are no longer retained; their effects would be lost.");
                try
                {
                    await _shadow.SwapAsync(tables, projection.CarriedOver, cancellationToken);
                    return;
                }
                catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected && tries < _swapTries)
                {
                    logger.LogInformation("The projection is being read; the exchange is tried again");
                }
            }
            // Whoever waited behind us gets a turn.
            await Task.Delay(TimeSpan.FromMilliseconds(250), time, cancellationToken);
        }
    }

    private async Task RunAfterSwapAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var step in projection.AfterSwap)
            await step(scope.ServiceProvider, cancellationToken);
    }

    /// <summary>Repeats what is applied live and not in the shadow.</summary>
    /// <returns>How many there were.</returns>
    private async Task<int> ApplyAsync(DateTime? asOf, CancellationToken cancellationToken)
    {
        var consumers = subscriptions.Consumers.SelectMany(consumer => Topology.ConsumedBy([consumer.ConsumerType]).Select(topic => (topic, consumer)))
            .ToDictionary(pair => pair.topic.Key, StringComparer.Ordinal);
        var remaining = await _shadow.RemainingAsync(asOf, cancellationToken);
        var noted = time.GetTimestamp();
        foreach (var some in remaining.Chunk(_batch))
        {
            var envelopes = await _shadow.EnvelopesAsync([.. some.Select(e => e.Id)], cancellationToken);
            foreach (var (id, processedAt) in some)
            {
                var context = _serialization.Deserialize(new StoredDelivery(envelopes[id], cancellationToken));
                var (topic, consumer) = consumers[context.Envelope().EventType];
                try
                {
                    await consumer.RepeatAsync(context, topic.EventType, pipeline, new(processedAt, InShadow: true));
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested && !TransientFault.Is(e))
                {
                    throw new InvalidOperationException($"{topic.Key} {id} could not be applied: {e.Message}", e);
                }
            }
            if (time.GetElapsedTime(noted) < _noteInterval)
                continue;
            await _shadow.NoteAppliedAsync(cancellationToken);
            noted = time.GetTimestamp();
        }
        await _shadow.NoteAppliedAsync(cancellationToken);
        return remaining.Count;
    }

    private IReadOnlyList<TableShape> Tables()
    {
        using var scope = scopes.CreateScope();
        var model = contexts(scope.ServiceProvider).Model;
        return [.. projection.Tables.Select(table => table.ShapeIn(model))];
    }

    private async Task NoteFaultAsync(Exception fault, CancellationToken cancellationToken)
    {
        try
        {
            // After the exchange nothing fails any more: what is left is derived state, which is made when it is asked for again.
            if (await _shadow.FindAsync(cancellationToken) is { } state)
                await _shadow.EnterAsync(state.Phase == ShadowPhase.Swapped ? ShadowPhase.Swapped : ShadowPhase.Failed, cancellationToken, fault.Message);
        }
        catch (NpgsqlException e)
        {
            logger.LogWarning("That the rebuild stopped could not be noted: {Fault}", e.Message);
        }
    }

    private sealed class RefusedException(string reason) : Exception(reason);

    private sealed record Order(bool Swap, bool AcceptLoss, AdvisoryLock Work);
}
