using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>Takes an account out of the flags and their history, for the transaction that is open on the context.</summary>
internal static class FlagErasure
{
    public static async Task<int> ForgetAsync(GatewayDbContext db, Guid user, CancellationToken cancellationToken)
    {
        var (id, nobody, anywhere) = (user.ToString(), Guid.Empty.ToString(), $"%{user}%");
        var rows = await db.Flags.FromSql($"SELECT *, xmin FROM feature_flags WHERE definition::text LIKE {anywhere}").ToListAsync(cancellationToken);
        foreach (var row in rows)
            row.Definition = StoredFlag.Write(Without(row.Read(), user));
        await db.SaveChangesAsync(cancellationToken);
        if (rows.Count > 0)
            await ChangeFeed.AnnounceAsync(db, cancellationToken);
        return rows.Count + await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE feature_flag_changes SET
                actor = nullif(actor, {user}), before = replace(before::text, {id}, {nobody})::jsonb, after = replace(after::text, {id}, {nobody})::jsonb
            WHERE actor = {user} OR before::text LIKE {anywhere} OR after::text LIKE {anywhere}
            """,
            cancellationToken);
    }

    /// <summary>A rule that named nobody else goes: without its last account it would name everybody.</summary>
    internal static FeatureFlag Without(FeatureFlag flag, Guid user) => flag with
    {
        Rules = [.. flag.Rules.Where(r => r.Users.Count == 0 || r.Users.Any(u => u != user)).Select(r => r with { Users = [.. r.Users.Where(u => u != user)] })],
    };
}
