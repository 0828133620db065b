using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Sessions;

/// <summary>Opens a session for somebody who has just proved who they are; the caller saves.</summary>
internal sealed class SessionOpening(AuthDbContext db, AccessTokens accessTokens, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>Adds the session and its first refresh token to the unit of work.</summary>
    public async Task<OpenedSession> OpenAsync(Account account, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var session = new Session(account.Id, caller, now);
        var refreshToken = RefreshSecrets.New();
        db.Sessions.Add(session);
        db.RefreshTokens.Add(session.Issue(RefreshSecrets.Hash(refreshToken), now, options.Value.RefreshTokenLifetime));
        var accessToken = await accessTokens.IssueAsync(account, session.Id, cancellationToken);
        return new(session.Id, account, accessToken, refreshToken, accessTokens.ExpiresIn);
    }
}

/// <summary>An opened session; <see cref="Answer"/> is made after saving, when the account knows its times.</summary>
internal sealed class OpenedSession(Guid sessionId, Account account, string accessToken, string refreshToken, int expiresIn)
{
    public Guid SessionId => sessionId;

    public SignedIn Answer() => new() { AccessToken = accessToken, RefreshToken = refreshToken, ExpiresIn = expiresIn, User = AccountView.Of(account) };
}
