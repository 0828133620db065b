using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>
/// What erasing somebody means in every service, around what it means in this one. Everything that holds a copy loses it before the caller's transaction
/// commits, and so before anybody is told that it is done; doing it again after a crash changes nothing.
/// </summary>
public sealed class SubjectErasure
{
    private readonly RetainedEvents _events;
    private readonly DeadLetterRedaction _letters;
    private readonly EventEffect _effect;

    internal SubjectErasure(RetainedEvents events, DeadLetterRedaction letters, EventEffect effect) => (_events, _letters, _effect) = (events, letters, effect);

    /// <summary>
    /// Erases <paramref name="subject"/>: waits for their own requests that are under way and lets none in again, then runs <paramref name="erase"/>, then
    /// redacts the service's dead letters and its retained events. For consumers: needs the transaction that is open there, and the broker.
    /// </summary>
    /// <param name="db">A context that maps <see cref="ErasedSubjects.AddErasedSubjects"/>.</param>
    /// <param name="subject">Who.</param>
    /// <param name="erase">Erases what is this service's own and says how many rows that were.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What <paramref name="erase"/> said.</returns>
    public async Task<int> RunAsync(DbContext db, Guid subject, Func<Task<int>> erase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(erase);
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("Erasing needs a transaction around it.");
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({ErasedSubjects.LockKey(subject)})", cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO erased_subjects (subject_id, erased_at) VALUES ({subject}, {_effect.At}) ON CONFLICT DO NOTHING", cancellationToken);
        // In a repetition the letters are none of its business.
        if (!_effect.IsRepeated)
        {
            // Before any row is locked: this one waits for the broker. And for whoever reads the letters meanwhile: they have them out of the queue.
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({DeadLetterBox.LockKey})", cancellationToken);
            await _letters.RedactAsync(subject, cancellationToken);
        }
        var records = await erase();
        await db.SaveChangesAsync(cancellationToken);
        // After it: whoever wrote about the subject was waited for, and the events of that are here now.
        await _events.RedactAsync(db, subject, cancellationToken);
        if (!_effect.IsRepeated)
            await _events.RedactStagedAsync(db, subject, cancellationToken);
        return records;
    }
}
