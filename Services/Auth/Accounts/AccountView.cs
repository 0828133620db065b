namespace TalentSphere.Auth.Accounts;

/// <summary>An account as its owner and admins see it.</summary>
/// <param name="Id">UUIDv7; the <c>sub</c> of its tokens.</param>
/// <param name="Email">Normalised address.</param>
/// <param name="Name">As given.</param>
/// <param name="Roles">In force from the next access token on.</param>
/// <param name="CreatedAt">When it was opened, UTC.</param>
/// <param name="EmailVerified">True when somebody showed that mail to the address is read.</param>
/// <param name="MfaEnabled">True when signing in needs a second factor.</param>
public sealed record AccountView(Guid Id, string Email, string Name, IReadOnlyList<string> Roles, DateTime CreatedAt, bool EmailVerified, bool MfaEnabled)
{
    internal static AccountView Of(Account account) =>
        new(account.Id, account.Email, account.Name, account.Roles, account.CreatedAt, account.EmailVerifiedAt is not null, account.MfaEnabled);
}
