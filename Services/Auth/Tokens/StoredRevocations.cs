using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Tokens;

/// <summary>Tells which tokens were revoked: this process by itself, the others over HTTP. There is nothing secret in it.</summary>
internal sealed class StoredRevocations(IServiceScopeFactory scopes, IOptions<AuthOptions> options, TimeProvider time) : IRevocationSource
{
    // A transaction that was under way at the last reading has committed an earlier time since; and the clocks of replicas differ.
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(1);

    public async Task<RevocationPage> ReadAsync(string? after, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var life = options.Value.AccessTokenLifetime + _skew;
        var from = now - life;
        if (long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= now.Ticks)
            from = new DateTime(Math.Max(from.Ticks, ticks - _overlap.Ticks), DateTimeKind.Utc);
        await using var scope = scopes.CreateAsyncScope();
        var revoked = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().RevokedTokens.AsNoTracking()
            .Where(r => r.At >= from && r.At <= now).Select(r => new Revocation(r.AccountId, r.SessionId, r.Generation, r.At + life)).ToListAsync(cancellationToken);
        return new(now.Ticks.ToString(CultureInfo.InvariantCulture), revoked);
    }

    /// <summary>GET /internal/revocations: for the mesh's own processes; the gateway has no route to it.</summary>
    public static async Task<IResult> HandleAsync(string? after, IRevocationSource source, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(await source.ReadAsync(after, cancellationToken), ApiJson.Options);
    }
}
