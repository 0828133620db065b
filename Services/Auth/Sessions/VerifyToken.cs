using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
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
        ClaimsPrincipal user, HttpContext context, LiveSessions sessions, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return context.SessionEnded();
        var expiry = long.Parse(user.FindFirst("exp")!.Value, CultureInfo.InvariantCulture);
        return Api.Ok(new VerifiedToken(true, session.AccountId, user.Roles(), DateTimeOffset.FromUnixTimeSeconds(expiry).UtcDateTime));
    }
}
