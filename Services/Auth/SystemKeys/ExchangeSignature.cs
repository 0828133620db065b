using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.ApiKeys;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SystemKeys;

/// <summary>
/// An access token for a signed request (RFC 9421). Signed are method, path, query and the digest of the body, with a time and a nonce: what is altered, old or sent
/// twice is refused, all alike. The body may narrow the scope, <c>{ "scope": "jobs:read" }</c>, or be empty.
/// </summary>
internal static class ExchangeSignature
{
    /// <summary>How far the caller's clock may be off, either way.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private const int _shortestNonce = 16;
    private const int _longestNonce = 128;

    private static readonly string[] _covered = ["@method", "@path", "@query", "content-digest"];
    private static readonly TimeSpan _noted = TimeSpan.FromMinutes(1);

    public static async Task<Results<ApiOk<ProgramToken>, ApiProblem>> HandleAsync(
        HttpContext context, AuthDbContext db, ServerKeys keys, AccessTokens accessTokens, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var now = time.GetUtcNow();
        // Cheapest first: nothing of the body is read for whoever has no secret.
        if (MessageSignature.Read(request.Headers["Signature-Input"], request.Headers["Signature"]) is not { } signature
            || _covered.Except(signature.Components).Any() || signature.Nonce is not { Length: >= _shortestNonce and <= _longestNonce } nonce
            || !Guid.TryParse(signature.KeyId, out var id) || signature.BaseOf(request) is not { } signatureBase)
            return Invalid(context);
        if (await db.SystemKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == id, cancellationToken) is not { } key)
            return Invalid(context);
        if (!key.IsLive(now.UtcDateTime) || !key.Signed(signature, signatureBase, keys, now.UtcDateTime))
            return await RefuseAsync("key or signature");
        if (signature.Created is not { } created || created < now - Window || created > now + Window || signature.Expires < now)
            return await RefuseAsync("time");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length)), MessageSignature.DigestIn(request.Headers["Content-Digest"]) ?? []))
            return await RefuseAsync("body");
        if (ScopesOf(body.GetBuffer().AsMemory(0, (int)body.Length), key) is not { } scopes)
            return Api.Invalid("scope", "must be some of the key's scopes, separated by spaces");
        // Longer than any clock of a replica can be off.
        if (await UseAsync(db, id, nonce, (created + (2 * Window)).UtcDateTime, cancellationToken) == 0)
            return await RefuseAsync("replay");
        if (key.LastUsedAt is null || key.LastUsedAt < now.UtcDateTime - _noted)
            await db.SystemKeys.Where(k => k.Id == id).ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now.UtcDateTime), cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Ok(new ProgramToken
        {
            AccessToken = await accessTokens.IssueAsync(new(key.Id, Generation: 0, key.Roles, key.Id, scopes), cancellationToken),
            ExpiresIn = accessTokens.ExpiresIn,
            Scope = string.Join(' ', scopes),
        });

        async Task<ApiProblem> RefuseAsync(string why)
        {
            await audit.WriteAloneAsync(new(AuditActs.SystemKeyRefused, AuditOutcome.Failed, Caller.Of(context)) { Target = id, Detail = why }, cancellationToken);
            return Invalid(context);
        }
    }

    /// <summary>Of any number at once, on whatever replica, one is the first.</summary>
    private static Task<int> UseAsync(AuthDbContext db, Guid keyId, string nonce, DateTime until, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"INSERT INTO used_nonces (key_id, nonce, until) VALUES ({keyId}, {nonce}, {until}) ON CONFLICT DO NOTHING", cancellationToken);

    /// <summary>The key's scopes, or those that the body asks for; null when it asks for others, or cannot be read.</summary>
    private static IReadOnlyList<string>? ScopesOf(ReadOnlyMemory<byte> body, SystemKey key)
    {
        if (body.IsEmpty)
            return key.Scopes;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            if (!document.RootElement.TryGetProperty("scope", out var scope))
                return key.Scopes;
            var asked = scope.ValueKind == JsonValueKind.String ? scope.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().ToList() : [];
            return asked.Count > 0 && asked.TrueForAll(key.Scopes.Contains) ? asked : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ApiProblem Invalid(HttpContext context) => context.Unauthorized(
        "AUTH_SIGNATURE_INVALID", "The signature is missing, wrong, too old, used before, or of a key that is unknown or ended (RFC 9421 with hmac-sha256).");
}
