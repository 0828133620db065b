using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;

namespace TalentSphere.Auth.Tokens;

/// <summary>Access tokens that are out and no longer to be believed; every process of the mesh reads it. Kept until the last of them has expired.</summary>
public sealed class RevokedTokens
{
    public Guid Id { get; init; }

    public Guid AccountId { get; init; }

    /// <summary>The session that ended; null when it is about the account.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>Tokens of a lower generation are refused; null when it is about one session.</summary>
    public int? Generation { get; init; }

    /// <summary>From when on, UTC.</summary>
    public DateTime At { get; init; }
}

/// <summary>
/// Writes down, in the transaction of the fact, that a session ended, that an account moved on to another generation, or that it is gone: whoever does one of
/// these cannot forget to tell.
/// </summary>
internal sealed class RecordRevokedTokens(TimeProvider time) : SaveChangesInterceptor
{
    // Whose answer got lost asks again for the receipt of the erasure, with the only token there will ever be.
    private static readonly TimeSpan _graceAfterErasure = TimeSpan.FromSeconds(15);

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Record(eventData.Context);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Record(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private void Record(DbContext? context)
    {
        if (context is not AuthDbContext db)
            return;
        List<RevokedTokens> revoked =
        [
            .. db.ChangeTracker.Entries<Session>().Where(s => s.State == EntityState.Modified && s.Entity.RevokedAt is not null && s.Property(x => x.RevokedAt).OriginalValue is null)
                .Select(s => Revoke(s.Entity.AccountId, s.Entity.Id, null)),
            .. db.ChangeTracker.Entries<Account>().Where(a => a.State == EntityState.Modified && a.Property(x => x.Generation).IsModified)
                .Select(a => Revoke(a.Entity.Id, null, a.Entity.Generation)),
            .. db.ChangeTracker.Entries<Account>().Where(a => a.State == EntityState.Deleted).Select(a => Revoke(a.Entity.Id, null, int.MaxValue, _graceAfterErasure)),
        ];
        db.RevokedTokens.AddRange(revoked);
    }

    private RevokedTokens Revoke(Guid account, Guid? session, int? generation, TimeSpan grace = default) =>
        new() { Id = Guid.CreateVersion7(), AccountId = account, SessionId = session, Generation = generation, At = time.GetUtcNow().UtcDateTime + grace };
}
