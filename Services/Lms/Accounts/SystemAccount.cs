namespace TalentSphere.Lms.Accounts;

/// <summary>The account that owns what nobody owns: it cannot sign in, so only an admin changes its courses.</summary>
internal static class SystemAccount
{
    public static Guid Id { get; } = new("00000000-0000-7000-8000-000000000001");
}
