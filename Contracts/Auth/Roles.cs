namespace TalentSphere.Contracts.Auth;

/// <summary>The roles an account can hold; it may hold several. They stand in the <c>roles</c> claim of the access token.</summary>
public static class Roles
{
    /// <summary>Learns, solves challenges and applies for jobs. Open to self-registration.</summary>
    public const string JobSeeker = "jobseeker";

    /// <summary>Owns companies and posts jobs. Open to self-registration.</summary>
    public const string Employer = "employer";

    /// <summary>Writes courses and challenges. Granted by an admin.</summary>
    public const string Instructor = "instructor";

    /// <summary>Manages accounts and content. Granted by an admin.</summary>
    public const string Admin = "admin";

    /// <summary>Operates the mesh: deep health, dead letters. Granted by an admin.</summary>
    public const string Ops = "ops";

    /// <summary>Every role there is.</summary>
    public static IReadOnlyList<string> All { get; } = [JobSeeker, Employer, Instructor, Admin, Ops];

    /// <summary>The roles that anyone may register with.</summary>
    public static IReadOnlyList<string> SelfRegistered { get; } = [JobSeeker, Employer];
}
