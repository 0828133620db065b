using System.Security.Claims;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Sessions;

internal static class SessionClaims
{
    /// <summary>The session that the access token belongs to; null for a token without one, or no token.</summary>
    public static Guid? SessionId(this ClaimsPrincipal user) => Guid.TryParse(user.FindFirst(Revocations.SessionClaim)?.Value, out var id) ? id : null;
}
