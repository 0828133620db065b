using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Sessions;

/// <summary>What an access token says.</summary>
/// <param name="Valid">Always true; what is not valid is answered with 401.</param>
/// <param name="UserId">Its subject.</param>
/// <param name="Roles">As they stand in the token.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record VerifiedToken(bool Valid, Guid UserId, IReadOnlyList<string> Roles, DateTime ExpiresAt);

internal static class VerifyToken
{
    /// <summary>Signature and times were checked on the way in; here the session has to be alive too.</summary>
    public static async Task<Results<ApiOk<VerifiedToken>, ApiProblem>> HandleAsync(
        ClaimsPrincipal user, HttpContext context, AuthDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var (owner, session, now) = (user.UserId(), user.SessionId(), time.GetUtcNow().UtcDateTime);
        if (!await db.Sessions.AnyAsync(s => s.Id == session && s.AccountId == owner && s.RevokedAt == null && s.ExpiresAt > now, cancellationToken))
            return context.Unauthorized("AUTH_TOKEN_INVALID", "The session of this access token has ended.");
        var expiry = long.Parse(user.FindFirst("exp")!.Value, CultureInfo.InvariantCulture);
        return Api.Ok(new VerifiedToken(true, owner, user.Roles(), DateTimeOffset.FromUnixTimeSeconds(expiry).UtcDateTime));
    }
}
