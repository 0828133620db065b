using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Sessions;

/// <summary>Opens a session for somebody who has just proved who they are; the caller saves.</summary>
internal sealed class SessionOpening(
    AuthDbContext db, AccessTokens accessTokens, KnownDevices devices, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>Adds the session and its first refresh token to the unit of work.</summary>
    public async Task<OpenedSession> OpenAsync(Account account, Caller caller, KnownDevice? device, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        // A device keeps its secret; a stranger is none from here on.
        var (deviceId, deviceSecret) = device is null ? devices.Remember(account.Id, caller) : (device.Id, null);
        var session = new Session(account.Id, caller, now, deviceId);
        var refreshToken = RefreshSecrets.New();
        db.Sessions.Add(session);
        db.RefreshTokens.Add(session.Issue(RefreshSecrets.Hash(refreshToken), now, options.Value.RefreshTokenLifetime));
        var accessToken = await accessTokens.IssueAsync(account, session.Id, cancellationToken);
        return new(session, account, accessToken, refreshToken, deviceSecret, accessTokens.ExpiresIn);
    }
}

/// <summary>An opened session; <see cref="Answer"/> is made after saving, when the account knows its times.</summary>
internal sealed class OpenedSession(Session session, Account account, string accessToken, string refreshToken, string? deviceSecret, int expiresIn)
{
    public Guid SessionId => session.Id;

    public Guid DeviceId => session.DeviceId!.Value;

    public SignedIn Answer() => new()
    {
        AccessToken = accessToken,
        RefreshToken = refreshToken,
        ExpiresIn = expiresIn,
        DeviceToken = deviceSecret,
        User = AccountView.Of(account),
    };
}
