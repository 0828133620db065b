using System.Globalization;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Mfa;

/// <summary>
/// What is dangerous needs a recent sign-in (RFC 9470), with everything that a sign-in asks for. When that was is read off the session, not off the token: a token that is
/// refreshed is new, its sign-in is not.
/// </summary>
internal sealed class StepUp(LiveSessions sessions, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>True when the session's owner has proved to be one recently enough.</summary>
    public bool IsRecent(Session session) => session.AuthenticatedAt > time.GetDatabaseNow() - options.Value.RecentSignIn;

    /// <summary>The caller's session, or why it will not do.</summary>
    public async Task<(Session? Session, ApiProblem? Refusal)> RequireAsync(ClaimsPrincipal user, HttpContext context, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return (null, context.SessionEnded());
        return IsRecent(session) ? (session, null) : (null, Refusal(context));
    }

    private ApiProblem Refusal(HttpContext context)
    {
        var problem = context.Unauthorized("AUTH_REAUTHENTICATE", "This needs a recent sign-in: confirm it at /api/v1/auth/reauthenticate, or sign in again.");
        context.Response.Headers.WWWAuthenticate = string.Create(
            CultureInfo.InvariantCulture, $"Bearer error=\"insufficient_user_authentication\", max_age={(int)options.Value.RecentSignIn.TotalSeconds}");
        return problem;
    }
}
