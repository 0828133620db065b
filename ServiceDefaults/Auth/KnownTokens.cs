using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// The short way for a token that this process has checked before: what may have changed since is asked (expiry, whether its key is still published, whether
/// it was revoked), and nothing is built that only a check needs. Whatever is not plainly good goes the framework's way, which alone refuses tokens.
/// </summary>
internal sealed class KnownTokens(ValidatedTokens validated, Revocations revocations, IOptionsMonitor<JwtBearerOptions> bearer) : IAuthenticationService
{
    private const string _prefix = "Bearer ";

    private readonly JwtBearerOptions _options = bearer.Get(JwtBearerDefaults.AuthenticationScheme);

    public Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme)
    {
        if (scheme is not (null or JwtBearerDefaults.AuthenticationScheme) || Find(context) is not { } token)
            return Framework(context).AuthenticateAsync(context, scheme);
        context.Features.Set(token.Accepted);
        return token.Result;
    }

    public Task ChallengeAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => Framework(context).ChallengeAsync(context, scheme, properties);

    public Task ForbidAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => Framework(context).ForbidAsync(context, scheme, properties);

    public Task SignInAsync(HttpContext context, string? scheme, ClaimsPrincipal principal, AuthenticationProperties? properties) =>
        Framework(context).SignInAsync(context, scheme, principal, properties);

    public Task SignOutAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => Framework(context).SignOutAsync(context, scheme, properties);

    private static AuthenticationService Framework(HttpContext context) => context.RequestServices.GetRequiredService<AuthenticationService>();

    private ValidatedToken? Find(HttpContext context)
    {
        // A hub's token may be in the query.
        var header = context.Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(_prefix, StringComparison.OrdinalIgnoreCase)
            || context.Request.Path.StartsWithSegments(TokenAuthentication.HubPath))
        {
            return null;
        }
        if (validated.Find(ValidatedTokens.DigestOf(value.AsSpan(_prefix.Length).Trim())) is not { } token
            || !token.IsAlive(_options.TokenValidationParameters.ClockSkew) || !revocations.Known.IsCompleted || revocations.Covers(token.Origin))
        {
            return null;
        }
        var keys = _options.ConfigurationManager.GetConfigurationAsync(context.RequestAborted);
        return keys.IsCompletedSuccessfully && token.IsSignedBy(keys.Result) ? token : null;
    }
}
