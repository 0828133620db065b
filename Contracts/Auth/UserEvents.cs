namespace TalentSphere.Contracts.Auth;

/// <summary>An account was opened.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Email">The address that it signs in with.</param>
/// <param name="Name">What the person is called.</param>
/// <param name="Roles">The roles that it was opened with.</param>
[Topic("auth.user.registered", nameof(UserId))]
public sealed record UserRegistered(
    Guid UserId,
    [property: PersonalData(nameof(UserRegistered.UserId))] string Email,
    [property: PersonalData(nameof(UserRegistered.UserId))] string Name,
    IReadOnlyList<string> Roles);

/// <summary>Somebody signed in.</summary>
/// <param name="UserId">The account.</param>
/// <param name="IpAddress">Where from, when that is known.</param>
/// <param name="UserAgent">What the client calls itself, when it says so.</param>
[Topic("auth.user.login", nameof(UserId))]
public sealed record UserLoggedIn(
    Guid UserId,
    [property: PersonalData(nameof(UserLoggedIn.UserId))] string? IpAddress,
    [property: PersonalData(nameof(UserLoggedIn.UserId))] string? UserAgent);

/// <summary>Somebody signed out; the session is revoked.</summary>
/// <param name="UserId">The account.</param>
/// <param name="IpAddress">Where from; null when nobody asked for it, but the session ended by itself.</param>
/// <param name="UserAgent">What the client calls itself, when it says so.</param>
[Topic("auth.user.logout", nameof(UserId))]
public sealed record UserLoggedOut(
    Guid UserId,
    [property: PersonalData(nameof(UserLoggedOut.UserId))] string? IpAddress,
    [property: PersonalData(nameof(UserLoggedOut.UserId))] string? UserAgent);

/// <summary>A password was changed or reset.</summary>
/// <param name="UserId">The account.</param>
[Topic("auth.password.changed", nameof(UserId))]
public sealed record PasswordChanged(Guid UserId);

/// <summary>An account was deleted: every service erases what it holds of the user and answers with its own <c>user.erased</c>.</summary>
/// <param name="UserId">The account that is no more.</param>
[Topic("auth.user.deleted", nameof(UserId))]
public sealed record UserDeleted(Guid UserId);
