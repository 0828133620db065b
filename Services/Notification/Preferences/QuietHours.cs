namespace TalentSphere.Notification.Preferences;

/// <summary>The hours of the day at a person's own place in which nothing is pushed.</summary>
/// <param name="From">The first quiet minute, local.</param>
/// <param name="To">The first loud minute, local; earlier than <paramref name="From"/> when the quiet goes past midnight.</param>
/// <param name="TimeZone">IANA name, for instance <c>Europe/Berlin</c>.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, string TimeZone)
{
    /// <summary>True within the hours. False when the machine no longer knows the time zone: better heard than lost.</summary>
    public bool Covers(DateTimeOffset instant)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone))
            return false;
        // IsBetween is half open and goes past midnight by itself.
        return TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime).IsBetween(From, To);
    }
}
