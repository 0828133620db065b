using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;

namespace TalentSphere.Auth.Accounts;

/// <summary>Whoever may take the admin role from somebody takes turns until their transaction ends, so that there is always one admin left.</summary>
internal static class AdminTurns
{
    private const long _lock = 7_235_406_102;

    public static Task TakeAsync(AuthDbContext db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
}
