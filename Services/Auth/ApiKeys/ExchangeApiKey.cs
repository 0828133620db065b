using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.ApiKeys;

/// <summary>An API key to exchange. A class, not a record: its text form must not spell the key out.</summary>
public sealed class ExchangeApiKeyRequest
{
    /// <summary>As it was shown when it was made.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(512, ErrorMessage = "must have at most 512 characters")]
    public string? ApiKey { get; init; }
}

/// <summary>An access token for a program.</summary>
public sealed class ProgramToken
{
    /// <summary>The access token (JWT).</summary>
    public required string AccessToken { get; init; }

    /// <summary>For how many seconds it is good.</summary>
    public required int ExpiresIn { get; init; }

    /// <summary>What it may do, separated by spaces (RFC 6749 §3.3).</summary>
    public required string Scope { get; init; }
}

internal static class ExchangeApiKey
{
    private static readonly TimeSpan _noted = TimeSpan.FromMinutes(1);

    public static async Task<Results<ApiOk<ProgramToken>, ApiProblem>> HandleAsync(
        ExchangeApiKeyRequest request, HttpContext context, AuthDbContext db, AccessTokens accessTokens, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (ApiKey.Parse(request.ApiKey!) is not var (id, secret))
            return Invalid(context);
        var key = await db.ApiKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == id, cancellationToken);
        if (key is null)
            return Invalid(context);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == key.AccountId && a.BlockedAt == null, cancellationToken);
        if (!key.Knows(secret, now) || !key.IsLive(now) || account is null)
        {
            // A key that exists, and does not open: somebody guesses, or has an old one.
            await audit.WriteAloneAsync(
                new(AuditActs.ApiKeyRefused, AuditOutcome.Failed, Caller.Of(context)) { Target = key.Id, Subject = key.AccountId }, cancellationToken);
            return Invalid(context);
        }
        if (key.LastUsedAt is null || key.LastUsedAt < now - _noted)
            await db.ApiKeys.Where(k => k.Id == id).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now), cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Ok(new ProgramToken
        {
            AccessToken = await accessTokens.IssueAsync(account, key.Id, key.Scopes, cancellationToken),
            ExpiresIn = accessTokens.ExpiresIn,
            Scope = string.Join(' ', key.Scopes),
        });
    }

    private static ApiProblem Invalid(HttpContext context) => context.Unauthorized("AUTH_KEY_INVALID", "This API key is unknown, expired or revoked.");
}
