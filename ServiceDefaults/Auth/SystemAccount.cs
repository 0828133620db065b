namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>The account that owns what nobody owns, sample content above all. It cannot sign in.</summary>
public static class SystemAccount
{
    /// <summary>Its id, the same in every service.</summary>
    public static Guid Id { get; } = new("00000000-0000-7000-8000-000000000001");
}
