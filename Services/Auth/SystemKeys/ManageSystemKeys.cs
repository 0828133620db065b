using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.ApiKeys;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SystemKeys;

/// <summary>A system's key to make.</summary>
public sealed class CreateSystemKeyRequest
{
    /// <summary>Which system it is for.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(SystemKey.MaxName, MinimumLength = 1, ErrorMessage = "must have 1 to 100 characters")]
    [PlainText]
    public string? Name { get; init; }

    /// <summary>None or more of jobseeker, employer, instructor, admin, ops.</summary>
    [Length(0, 10, ErrorMessage = "must hold at most 10 roles")]
    [KnownRoles]
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>1 to 20 of <c>service:read</c>, <c>service:write</c> (which includes reading), or <c>*:read</c>.</summary>
    [Required(ErrorMessage = "is required")]
    [Length(1, 20, ErrorMessage = "must hold 1 to 20 scopes")]
    [Scopes]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>For how many days it is good.</summary>
    [Range(1, 366, ErrorMessage = "must be 1 to 366")]
    public int Days { get; init; } = 90;
}

/// <summary>A system's key without its secret.</summary>
public sealed record SystemKeyView(
    Guid Id, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Scopes, DateTime CreatedAt, DateTime ExpiresAt, DateTime? LastUsedAt, DateTime? RevokedAt,
    DateTime? FormerSecretUntil)
{
    internal static SystemKeyView Of(SystemKey key) =>
        new(key.Id, key.Name, key.Roles, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt, key.RevokedAt, key.FormerUntil);
}

/// <summary>A system's key with its secret, as it is shown once. A class, not a record: its text form must not spell the secret out.</summary>
public sealed class IssuedSystemKey
{
    /// <summary>32 bytes in base64; the <c>keyid</c> is the key's id.</summary>
    public required string Secret { get; init; }

    /// <summary>The rest.</summary>
    public required SystemKeyView Key { get; init; }
}

internal static class ManageSystemKeys
{
    private const long _lock = 7_235_406_102;

    public static async Task<ApiOk<List<SystemKeyView>>> ListAsync(AuthDbContext db, CancellationToken cancellationToken)
    {
        var keys = await db.SystemKeys.AsNoTracking().OrderByDescending(k => k.Id).Take(500).ToListAsync(cancellationToken);
        return Api.Ok(keys.ConvertAll(SystemKeyView.Of));
    }

    public static async Task<Results<ApiCreated<IssuedSystemKey>, ApiProblem>> CreateAsync(
        CreateSystemKeyRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, ServerKeys keys, StepUp stepUp, AuditTrail audit,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (_, stale) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (stale is not null)
            return stale;
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // One at a time, so that they can be counted.
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
        if (await db.SystemKeys.CountAsync(k => k.RevokedAt == null && k.ExpiresAt > now, cancellationToken) >= SystemKey.MaxKeys)
            return Api.Conflict("AUTH_TOO_MANY_KEYS", $"There are at most {SystemKey.MaxKeys} systems' keys: end one first.");
        var key = new SystemKey(request.Name!.Trim(), (request.Roles ?? []).Select(r => RoleNames.Find(r)!), request.Scopes!, now, now.AddDays(request.Days));
        var secret = key.Renew(keys, now, TimeSpan.Zero);
        db.SystemKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(
            Note(AuditActs.SystemKeyCreated, key, user, context) with { Detail = $"{string.Join(' ', key.Roles)} / {key.Scopes.Length} scopes" }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Created($"/api/v1/auth/system-keys/{key.Id}", new IssuedSystemKey { Secret = secret, Key = SystemKeyView.Of(key) });
    }

    public static async Task<Results<ApiOk<IssuedSystemKey>, ApiProblem>> RotateAsync(
        Guid id, RotateApiKeyRequest? request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, ServerKeys keys, StepUp stepUp, AuditTrail audit,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (_, stale) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (stale is not null)
            return stale;
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(id, db, cancellationToken) is not { } key || !key.IsLive(now))
            return NotFound();
        var secret = key.Renew(keys, now, TimeSpan.FromSeconds((request ?? new()).OverlapSeconds));
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditActs.SystemKeyRotated, key, user, context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Ok(new IssuedSystemKey { Secret = secret, Key = SystemKeyView.Of(key) });
    }

    public static async Task<Results<NoContent, ApiProblem>> RevokeAsync(
        Guid id, ClaimsPrincipal user, HttpContext context, AuthDbContext db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(id, db, cancellationToken) is not { } key)
            return NotFound();
        if (!key.Revoke(now))
            return TypedResults.NoContent();
        db.RevokedTokens.Add(new RevokedTokens { Id = Guid.CreateVersion7(), AccountId = key.Id, SessionId = key.Id, At = now });
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditActs.SystemKeyRevoked, key, user, context), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<SystemKey?> FindAsync(Guid id, AuthDbContext db, CancellationToken cancellationToken) =>
        db.SystemKeys.FromSql($"SELECT * FROM system_keys WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    private static AuditNote Note(string act, SystemKey key, ClaimsPrincipal user, HttpContext context) =>
        new(act, AuditOutcome.Succeeded, Caller.Of(context)) { Actor = user.UserId(), Target = key.Id };

    private static ApiProblem NotFound() => Api.NotFound("AUTH_KEY_NOT_FOUND", "There is no such key.");
}
