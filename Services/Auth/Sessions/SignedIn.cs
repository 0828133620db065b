using TalentSphere.Auth.Accounts;

namespace TalentSphere.Auth.Sessions;

/// <summary>What a client keeps after signing in. A class, not a record: its text form must not spell out the tokens.</summary>
public sealed class SignedIn
{
    /// <summary>The same as <see cref="AccessToken"/>, under its older name.</summary>
    public string Token => AccessToken;

    /// <summary>For <c>Authorization: Bearer</c>.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Good for one exchange at <c>refresh</c>.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>Seconds until the access token expires.</summary>
    public required int ExpiresIn { get; init; }

    /// <summary>
    /// For this device to keep, beyond signing out, and to send with its next sign-in as <c>deviceToken</c>: it is not a stranger then. Null where it has one already.
    /// </summary>
    public string? DeviceToken { get; init; }

    /// <summary>Who signed in.</summary>
    public required AccountView User { get; init; }
}
