using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Sessions;

/// <summary>The session behind a token, as it is now: a token says for up to fifteen minutes what was true when it was signed.</summary>
internal sealed class LiveSessions(AuthDbContext db, TimeProvider time)
{
    /// <summary>The caller's session; null when it has ended.</summary>
    public Task<Session?> FindAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var (owner, id, now) = (user.UserId(), user.SessionId(), time.GetUtcNow().UtcDateTime);
        return db.Sessions.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == id && s.AccountId == owner && s.RevokedAt == null && s.ExpiresAt > now, cancellationToken);
    }
}

internal static class SessionAnswers
{
    public static ApiProblem SessionEnded(this HttpContext context) =>
        context.Unauthorized("AUTH_TOKEN_INVALID", "The session of this access token has ended.");
}
