using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Tokens;

/// <summary>How keys are to be changed.</summary>
public sealed class RotateKeysRequest
{
    /// <summary>True when a key was stolen: the new one signs at once, and every access token that is out is refused from now on.</summary>
    public bool Emergency { get; init; }
}

/// <summary>A signing key as operators see it.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="State">published (does not sign yet), signing, retiring (its tokens are still good) or dead.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="SignsFrom">UTC.</param>
/// <param name="SignsUntil">UTC; null: until further notice.</param>
/// <param name="PublishedUntil">UTC; null: until further notice.</param>
public sealed record SigningKeyView(Guid Id, string State, DateTime CreatedAt, DateTime SignsFrom, DateTime? SignsUntil, DateTime? PublishedUntil)
{
    internal static SigningKeyView Of(SigningKey key, DateTime now, TimeSpan tokenLifetime) => new(
        key.Id, !key.IsLive(now, tokenLifetime) ? "dead" : key.Signs(now) ? "signing" : now < key.NotBefore ? "published" : "retiring",
        key.CreatedAt, key.NotBefore, key.RetireAt, key.RetireAt + tokenLifetime);
}

internal static class KeyRoutes
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/auth/keys").WithTags("Keys").RequireRoles(Roles.Admin);
        group.MapGet("", ListAsync).WithName("ListSigningKeys").WithSummary("The keys that access tokens are signed with, newest first; no private part.");
        group.MapPost("/rotate", RotateAsync).WithName("RotateSigningKeys").WithSummary("Publishes a new key, which signs a little later; or at once in an emergency.");
    }

    private static async Task<ApiOk<List<SigningKeyView>>> ListAsync(AuthDbContext db, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var keys = await db.SigningKeys.AsNoTracking().OrderByDescending(k => k.NotBefore).ThenByDescending(k => k.Id).Take(100).ToListAsync(cancellationToken);
        return Api.Ok(keys.ConvertAll(k => SigningKeyView.Of(k, now, options.Value.AccessTokenLifetime)));
    }

    private static async Task<Results<ApiOk<SigningKeyView>, ApiProblem>> RotateAsync(
        RotateKeysRequest? request, HttpContext context, KeyRotation rotation, StepUp stepUp, IOptions<AuthOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (_, stale) = await stepUp.RequireAsync(context.User, context, cancellationToken);
        if (stale is not null)
            return stale;
        var by = new KeyChangedBy(context.User.UserId(), Caller.Of(context));
        var key = request?.Emergency == true ? await rotation.ReplaceAsync(by, cancellationToken) : await rotation.RotateAsync(by, cancellationToken);
        return Api.Ok(SigningKeyView.Of(key, time.GetUtcNow().UtcDateTime, options.Value.AccessTokenLifetime));
    }
}
