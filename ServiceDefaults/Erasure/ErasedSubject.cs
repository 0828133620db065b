using System.Buffers.Binary;
using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>Somebody whose data was erased here. The id alone stays, so that what comes late finds nothing to come to.</summary>
public sealed class ErasedSubject
{
    /// <summary>Who.</summary>
    public Guid SubjectId { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTime ErasedAt { get; init; }
}

/// <summary>The table of those who were erased, in the service's own database.</summary>
public static class ErasedSubjects
{
    // Keeps the keys away from those of other locks.
    private const long _lockSpace = 0x6572_6173_6564;

    /// <summary>Maps <c>erased_subjects</c>; called in <c>OnModelCreating</c> by a service that keeps data of people.</summary>
    public static ModelBuilder AddErasedSubjects(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<ErasedSubject>(erased =>
        {
            erased.ToTable("erased_subjects");
            // Asked by whatever writes for somebody, for several at once too, and written when somebody goes.
            erased.IsReferenceTable();
            erased.HasKey(e => e.SubjectId).HasName("pk_erased_subjects");
            erased.Property(e => e.SubjectId).HasColumnName("subject_id");
            erased.Property(e => e.ErasedAt).HasColumnName("erased_at");
        });
        return modelBuilder;
    }

    /// <summary>True when <paramref name="subject"/> was erased here: nothing about them is to be stored again.</summary>
    public static Task<bool> IsErasedAsync(this DbContext db, Guid subject, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.Set<ErasedSubject>().AnyAsync(e => e.SubjectId == subject, cancellationToken);
    }

    /// <summary>Those of <paramref name="subjects"/> who were erased here.</summary>
    internal static async Task<IReadOnlySet<Guid>> ErasedAmongAsync(this DbContext db, IReadOnlyCollection<Guid> subjects, CancellationToken cancellationToken)
    {
        if (subjects.Count == 0 || !db.KeepsErasedSubjects())
            return new HashSet<Guid>();
        return await db.Set<ErasedSubject>().Where(e => subjects.Contains(e.SubjectId)).Select(e => e.SubjectId).ToHashSetAsync(cancellationToken);
    }

    internal static bool KeepsErasedSubjects(this DbContext db) => db.Model.FindEntityType(typeof(ErasedSubject)) is not null;

    /// <summary>The key of the advisory lock that whoever writes for a subject shares, and whoever erases them has alone.</summary>
    internal static long LockKey(Guid subject)
    {
        Span<byte> bytes = stackalloc byte[16];
        subject.TryWriteBytes(bytes);
        // The second half of a UUIDv7 is random.
        return BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) ^ _lockSpace;
    }
}
