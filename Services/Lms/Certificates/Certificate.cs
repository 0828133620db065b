using System.Security.Cryptography;
using System.Text.RegularExpressions;
using TalentSphere.Lms.Learning;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Certificates;

/// <summary>
/// Says that a learner completed a course. It copies what it says, so that a later edit of the course leaves it alone.
/// </summary>
public sealed partial class Certificate : ITimestamped
{
    // Crockford's base 32: no letter that is taken for a digit, none that spells words by accident.
    private const string _alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private Certificate()
    {
    }

    internal Certificate(Guid userId, CourseFacts course, DateTime now)
    {
        Id = Guid.CreateVersion7();
        Serial = NewSerial();
        UserId = userId;
        CourseId = course.Id;
        CourseTitle = course.Title;
        Lessons = course.Lessons;
        IssuedAt = now;
    }

    public Guid Id { get; private set; }

    /// <summary>What stands on the printed sheet: <c>TS-</c> and 80 random bits, as four groups of four.</summary>
    public string Serial { get; private set; } = "";

    /// <summary>The learner; null once their account is gone: the certificate stays verifiable and names nobody.</summary>
    public Guid? UserId { get; private set; }

    public Guid CourseId { get; private set; }

    public string CourseTitle { get; private set; } = "";

    /// <summary>How many lessons the course had.</summary>
    public int Lessons { get; private set; }

    public DateTime IssuedAt { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>What a serial looks like.</summary>
    [GeneratedRegex(@"^TS(-[0-9A-HJKMNP-TV-Z]{4}){4}\z")]
    internal static partial Regex Serials();

    private static string NewSerial()
    {
        var random = RandomNumberGenerator.GetString(_alphabet, 16);
        return $"TS-{random[..4]}-{random[4..8]}-{random[8..12]}-{random[12..]}";
    }
}
