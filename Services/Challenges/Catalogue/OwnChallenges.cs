using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>Whose challenges are whose.</summary>
internal static class OwnChallenges
{
    /// <summary>The challenges that the caller may change: their own, and for admins every one.</summary>
    public static IQueryable<Challenge> ChangeableBy(this IQueryable<Challenge> challenges, ClaimsPrincipal user)
    {
        if (user.IsInRole(Roles.Admin))
            return challenges;
        var userId = user.FindUserId();
        var writes = user.IsInRole(Roles.Instructor);
        return challenges.Where(c => writes && c.AuthorId == userId);
    }

    /// <summary>
    /// Locks a challenge that the caller may change until the transaction ends, and reads it with its test cases; null when there is none.
    /// Rules about the set of test cases hold only while nobody else changes it.
    /// </summary>
    public static async Task<Challenge?> LockAsync(this ChallengesDbContext db, Guid id, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        // Locked in a statement of its own, so that the next one sees what the holder before us committed.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM challenges WHERE id = {id} FOR UPDATE", cancellationToken);
        return await db.Challenges.ChangeableBy(user).Include(c => c.TestCases).SingleOrDefaultAsync(c => c.Id == id, cancellationToken);
    }

    /// <summary>The same, with its solutions as well.</summary>
    public static async Task<Challenge?> LockWithSolutionsAsync(this ChallengesDbContext db, Guid id, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var challenge = await db.LockAsync(id, user, cancellationToken);
        if (challenge is not null)
            await db.Entry(challenge).Collection(c => c.Solutions).LoadAsync(cancellationToken);
        return challenge;
    }
}
