using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.ApiKeys;

/// <summary>A key to make.</summary>
public sealed class CreateApiKeyRequest
{
    /// <summary>What it is for.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(ApiKey.MaxName, MinimumLength = 1, ErrorMessage = "must have 1 to 100 characters")]
    [PlainText]
    public string? Name { get; init; }

    /// <summary>1 to 20 of <c>service:read</c>, <c>service:write</c> (which includes reading), or <c>*:read</c>. A key never changes accounts.</summary>
    [Required(ErrorMessage = "is required")]
    [Length(1, 20, ErrorMessage = "must hold 1 to 20 scopes")]
    [Scopes]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>For how many days it is good.</summary>
    [Range(1, 366, ErrorMessage = "must be 1 to 366")]
    public int Days { get; init; } = 90;
}

/// <summary>How to rotate.</summary>
public sealed class RotateApiKeyRequest
{
    /// <summary>For how many seconds the old secret stays good, at most seven days.</summary>
    [Range(0, 7 * 24 * 3600, ErrorMessage = "must be 0 to 604800")]
    public int OverlapSeconds { get; init; } = 24 * 3600;
}

/// <summary>A key without its secret.</summary>
public sealed record ApiKeyView(
    Guid Id, string Name, IReadOnlyList<string> Scopes, DateTime CreatedAt, DateTime ExpiresAt, DateTime? LastUsedAt, DateTime? RevokedAt, DateTime? FormerSecretUntil)
{
    internal static ApiKeyView Of(ApiKey key) =>
        new(key.Id, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.FormerUntil);
}

/// <summary>A key with its secret, as it is shown once. A class, not a record: its text form must not spell the secret out.</summary>
public sealed class IssuedApiKey
{
    /// <summary>What to keep and to send to <c>auth/token</c>.</summary>
    public required string ApiKey { get; init; }

    /// <summary>The rest.</summary>
    public required ApiKeyView Key { get; init; }
}

internal static class ManageApiKeys
{
    public static async Task<ApiOk<List<ApiKeyView>>> ListAsync(ClaimsPrincipal user, AuthDbContext db, CancellationToken cancellationToken)
    {
        var owner = user.UserId();
        var keys = await db.ApiKeys.AsNoTracking().Where(k => k.AccountId == owner).OrderByDescending(k => k.Id).Take(200).ToListAsync(cancellationToken);
        return Api.Ok(keys.ConvertAll(ApiKeyView.Of));
    }

    public static async Task<Results<ApiCreated<IssuedApiKey>, ApiProblem>> CreateAsync(
        CreateApiKeyRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        // A key outlives the session it was made in.
        var (_, stale) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (stale is not null)
            return stale;
        var (owner, now) = (user.UserId(), time.GetUtcNow().UtcDateTime);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // One at a time for an account, so that its keys can be counted.
        var account = await db.Accounts.FromSql($"SELECT *, xmin FROM accounts WHERE id = {owner} FOR UPDATE").AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (account is null)
            return Api.NotFound("USER_001", "This account is gone.");
        if (await db.ApiKeys.CountAsync(k => k.AccountId == owner && k.RevokedAt == null && k.ExpiresAt > now, cancellationToken) >= ApiKey.MaxPerAccount)
            return Api.Conflict("AUTH_TOO_MANY_KEYS", $"An account has at most {ApiKey.MaxPerAccount} API keys: end one first.");
        var key = new ApiKey(account, request.Name!.Trim(), request.Scopes!, now, now.AddDays(request.Days));
        var secret = key.Renew(now, TimeSpan.Zero);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditActs.ApiKeyCreated, key, context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Created($"/api/v1/auth/api-keys/{key.Id}", new IssuedApiKey { ApiKey = secret, Key = ApiKeyView.Of(key) });
    }

    public static async Task<Results<ApiOk<IssuedApiKey>, ApiProblem>> RotateAsync(
        Guid id, RotateApiKeyRequest? request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (_, stale) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (stale is not null)
            return stale;
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(id, user, db, cancellationToken) is not { } key || !key.IsLive(now))
            return NotFound();
        var secret = key.Renew(now, TimeSpan.FromSeconds((request ?? new()).OverlapSeconds));
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditActs.ApiKeyRotated, key, context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Ok(new IssuedApiKey { ApiKey = secret, Key = ApiKeyView.Of(key) });
    }

    public static async Task<Results<NoContent, ApiProblem>> RevokeAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, AuthDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(id, user, db, cancellationToken) is not { } key)
            return NotFound();
        if (!key.Revoke(now))
            return TypedResults.NoContent();
        db.RevokedTokens.Add(new RevokedTokens { Id = Guid.CreateVersion7(), AccountId = key.AccountId, SessionId = key.Id, At = now });
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditActs.ApiKeyRevoked, key, context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ApiKey?> FindAsync(Guid id, ClaimsPrincipal user, AuthDbContext db, CancellationToken cancellationToken)
    {
        var owner = user.UserId();
        return await db.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {id} AND account_id = {owner} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
    }

    private static AuditNote Note(string act, ApiKey key, HttpContext context) =>
        new(act, AuditOutcome.Succeeded, Caller.Of(context)) { Actor = key.AccountId, Target = key.Id };

    private static ApiProblem NotFound() => Api.NotFound("AUTH_KEY_NOT_FOUND", "You have no such API key.");
}

/// <summary>Scopes that a key may have. What changes accounts is for people.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class ScopesAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is IReadOnlyList<string?> scopes && !scopes.All(s => s is not null && Form().IsMatch(s) && s is not ("*:write" or "auth:write"))
            ? new ValidationResult("must hold scopes of the form service:read or service:write, or *:read; neither *:write nor auth:write")
            : ValidationResult.Success;

    [GeneratedRegex(@"^(\*|[a-z][a-z0-9-]{1,39}):(read|write)\z")]
    private static partial Regex Form();
}
