using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Judge.Access;

/// <summary>Whoever sends the worker's key as a bearer token may use it; there is nobody else to tell apart.</summary>
internal sealed class JudgeKey(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AcceptedKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "JudgeKey";

    private const string _bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(_bearer, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (!keys.Accept(header[_bearer.Length..].Trim()))
            return Task.FromResult(AuthenticateResult.Fail("not the key"));
        var caller = new ClaimsPrincipal(new ClaimsIdentity([], Scheme.Name));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Api.Unauthorized("JUDGE_KEY_REQUIRED", "This worker answers those who know its key.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Api.Forbidden().ExecuteAsync(Context);
}
