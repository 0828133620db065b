using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Preferences;

/// <summary>The name of a kind of notification.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KnownKindAttribute() : ValidationAttribute("must be one of " + string.Join(", ", NotificationKinds.All.Select(k => k.Name())))
{
    public override bool IsValid(object? value) => value is null || NotificationKinds.TryParse(value as string, out _);
}

/// <summary>A minute of the day.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeOfDayAttribute() : ValidationAttribute("must be a time of day, HH:mm")
{
    public const string Format = "HH:mm";

    public override bool IsValid(object? value) =>
        value is null || (value is string text && TimeOnly.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
}

/// <summary>A time zone of the IANA database that this machine knows.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class IanaTimeZoneAttribute() : ValidationAttribute("must be an IANA time zone, for instance Europe/Berlin")
{
    public const int MaxLength = 64;

    // The name becomes a file's path in the lookup: only what such names are made of gets that far.
    public override bool IsValid(object? value) => value is null
        || (value is string { Length: <= MaxLength } name && Shape().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _));

    [GeneratedRegex("^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
