namespace TalentSphere.Auth.SignIn;

/// <summary>
/// Failed sign-ins under one address, whether an account has it or not. The address itself is not kept: somebody may have typed a
/// password, or a stranger's address, into that field.
/// </summary>
public sealed class SignInFailure
{
    /// <summary>Keyed digest of the normalised address.</summary>
    public byte[] Key { get; private set; } = [];

    /// <summary>In a row.</summary>
    public int Failures { get; private set; }

    public DateTime LastAt { get; private set; }

    public DateTime? LockedUntil { get; private set; }
}
