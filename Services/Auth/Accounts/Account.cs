using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Accounts;

/// <summary>A person's account.</summary>
public sealed class Account : ITimestamped
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    private Account()
    {
    }

    /// <summary>Opens an account.</summary>
    /// <param name="email">Normalised; see <see cref="EmailAddress"/>.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters, trimmed.</param>
    /// <param name="passwordHash">In the form of <see cref="Passwords.PasswordHash"/>.</param>
    /// <param name="roles">At least one of <see cref="Contracts.Auth.Roles.All"/>.</param>
    public Account(string email, string name, string passwordHash, params string[] roles)
    {
        Id = Guid.CreateVersion7();
        Email = email;
        Name = name;
        PasswordHash = passwordHash;
        Roles = roles;
    }

    public Guid Id { get; private set; }

    public string Email { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string PasswordHash { get; private set; } = "";

    public string[] Roles { get; private set; } = [];

    /// <summary>The <c>gen</c> of its access tokens. It grows whenever all older ones are to be refused; they are then, everywhere, within seconds.</summary>
    public int Generation { get; private set; }

    /// <summary>Since when nobody may sign in to it, UTC.</summary>
    public DateTime? BlockedAt { get; private set; }

    /// <summary>Grows with each other password (not with a renewed hash of the same): what was proved with one number is worth nothing under the next.</summary>
    public int PasswordVersion { get; private set; }

    /// <summary>When somebody showed that mail to <see cref="Email"/> is read; null until then.</summary>
    public DateTime? EmailVerifiedAt { get; private set; }

    /// <summary>True when signing in needs a second factor.</summary>
    public bool MfaEnabled { get; private set; }

    /// <summary>Seeded accounts: a keyed digest of the password they were seeded with, so that a start need not hash to see that nothing moved.</summary>
    public byte[]? SeedFingerprint { get; private set; }

    public uint Version { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>True when the account manages others.</summary>
    public bool IsAdmin => Roles.Contains(Contracts.Auth.Roles.Admin);

    /// <summary>Gives the account exactly <paramref name="roles"/>; access tokens with others are refused from then on.</summary>
    /// <param name="roles">Known roles, none twice.</param>
    /// <param name="otherAdmins">How many other accounts are admin: the platform never loses its last one.</param>
    public RoleChange ChangeRoles(IReadOnlyCollection<string> roles, int otherAdmins)
    {
        if (IsAdmin && otherAdmins == 0 && !roles.Contains(Contracts.Auth.Roles.Admin))
            return RoleChange.LastAdmin;
        if (Roles.ToHashSet().SetEquals(roles))
            return RoleChange.Unchanged;
        Roles = [.. Contracts.Auth.Roles.All.Where(roles.Contains)];
        Generation++;
        return RoleChange.Changed;
    }

    /// <summary>Keeps everybody out of the account, also who is signed in.</summary>
    /// <returns>False when it was blocked already.</returns>
    public bool Block(DateTime now)
    {
        if (BlockedAt is not null)
            return false;
        BlockedAt = now;
        Generation++;
        return true;
    }

    /// <summary>Lets its owner sign in again.</summary>
    /// <returns>False when it was not blocked.</returns>
    public bool Unblock()
    {
        if (BlockedAt is null)
            return false;
        BlockedAt = null;
        return true;
    }

    /// <summary>Adds a role that the account lacks.</summary>
    public void Grant(string role)
    {
        if (!Roles.Contains(role))
            Roles = [.. Contracts.Auth.Roles.All.Where(r => r == role || Roles.Contains(r))];
    }

    /// <summary>Gives the account another password.</summary>
    public void SetPassword(string passwordHash)
    {
        PasswordHash = passwordHash;
        PasswordVersion++;
    }

    /// <summary>Turns the second factor on or off.</summary>
    public void TurnMfa(bool on) => MfaEnabled = on;

    /// <summary>Gives the account another address, of which nothing is known yet.</summary>
    public void ChangeEmail(string normalizedEmail) => (Email, EmailVerifiedAt) = (normalizedEmail, null);

    /// <summary>Somebody has shown that mail to the account's address is read.</summary>
    public void VerifyEmail(DateTime now) => EmailVerifiedAt ??= now;

    /// <summary>Sets the password that the configuration names.</summary>
    public void SeedPassword(string passwordHash, byte[] fingerprint)
    {
        SetPassword(passwordHash);
        SeedFingerprint = fingerprint;
    }

    /// <summary>The fact that the account was opened.</summary>
    public UserRegistered Registered() => new(Id, Email, Name, Roles);
}

/// <summary>What became of a change of roles.</summary>
public enum RoleChange
{
    /// <summary>The account has the roles now.</summary>
    Changed,

    /// <summary>It had them already.</summary>
    Unchanged,

    /// <summary>Refused: nobody would be left to manage accounts.</summary>
    LastAdmin,
}
