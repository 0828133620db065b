using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Sessions;

/// <summary>A place where an account is signed in.</summary>
/// <param name="Id">For <c>DELETE sessions/{id}</c>.</param>
/// <param name="Device">What people call the device: <c>Firefox on Linux</c>; a guess from the user agent.</param>
/// <param name="UserAgent">What the client called itself when it was last seen.</param>
/// <param name="Ip">The address it was last seen from.</param>
/// <param name="CreatedAt">When it signed in, UTC.</param>
/// <param name="LastUsedAt">When it last fetched a token, UTC.</param>
/// <param name="Current">True for the session that asks.</param>
public sealed record SessionView(Guid Id, string? Device, string? UserAgent, string? Ip, DateTime CreatedAt, DateTime LastUsedAt, bool Current);

internal static class ListSessions
{
    public static async Task<ApiPage<SessionView>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, AuthDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var (owner, current, now) = (user.UserId(), user.SessionId(), time.GetUtcNow().UtcDateTime);
        var live = db.Sessions.AsNoTracking().Where(s => s.AccountId == owner && s.RevokedAt == null && s.ExpiresAt > now);
        var total = await live.LongCountAsync(cancellationToken);
        var page = await live.OrderByDescending(s => s.LastUsedAt).ThenByDescending(s => s.Id)
            .Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page([.. page.Select(s => new SessionView(
            s.Id, DeviceName.Of(s.UserAgent), s.UserAgent, s.IpAddress, s.CreatedAt, s.LastUsedAt, s.Id == current))], paging, total);
    }
}
