namespace TalentSphere.Contracts.Auth;

/// <summary>An account was opened.</summary>
[Topic("auth.user.registered", nameof(UserId))]
public sealed record UserRegistered(
    Guid UserId,
    [property: PersonalData(nameof(UserRegistered.UserId))] string Email,
    [property: PersonalData(nameof(UserRegistered.UserId))] string Name,
    IReadOnlyList<string> Roles);

/// <summary>Somebody signed in.</summary>
[Topic("auth.user.login", nameof(UserId))]
public sealed record UserLoggedIn(
    Guid UserId,
    [property: PersonalData(nameof(UserLoggedIn.UserId))] string? IpAddress,
    [property: PersonalData(nameof(UserLoggedIn.UserId))] string? UserAgent);

/// <summary>Somebody signed out; the session is revoked.</summary>
[Topic("auth.user.logout", nameof(UserId))]
public sealed record UserLoggedOut(
    Guid UserId,
    [property: PersonalData(nameof(UserLoggedOut.UserId))] string? IpAddress,
    [property: PersonalData(nameof(UserLoggedOut.UserId))] string? UserAgent);

/// <summary>A password was changed or reset.</summary>
[Topic("auth.password.changed", nameof(UserId))]
public sealed record PasswordChanged(Guid UserId);

/// <summary>An account was deleted: every service erases what it holds of the user and answers with its own <c>user.erased</c>.</summary>
[Topic("auth.user.deleted", nameof(UserId))]
public sealed record UserDeleted(Guid UserId);
