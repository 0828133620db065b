using System.Globalization;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Preferences;

/// <summary>A person's choices.</summary>
/// <param name="Kinds">Every kind there is.</param>
/// <param name="QuietHours">When nothing is pushed; null: never.</param>
public sealed record PreferencesView(IReadOnlyList<KindPreferenceView> Kinds, QuietHoursView? QuietHours)
{
    internal static PreferencesView Of(NotificationPreferences preferences) => new(
        [.. NotificationKinds.All.Select(k => new KindPreferenceView(k, preferences.Wants(k), k.IsMandatory()))],
        preferences.QuietHours is { } quiet ? new QuietHoursView(Clock(quiet.From), Clock(quiet.To), quiet.TimeZone) : null);

    private static string Clock(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>One kind.</summary>
/// <param name="Kind">Which.</param>
/// <param name="InApp">Stored in the list and pushed to open connections.</param>
/// <param name="Mandatory">A security notice: it cannot be switched off.</param>
public sealed record KindPreferenceView(NotificationKind Kind, bool InApp, bool Mandatory);

/// <summary>Hours without push; what comes meanwhile waits in the list. Security notices are pushed all the same.</summary>
/// <param name="From">The first quiet minute, <c>HH:mm</c>.</param>
/// <param name="To">The first loud minute, <c>HH:mm</c>; earlier than <paramref name="From"/> when the quiet goes past midnight.</param>
/// <param name="TimeZone">IANA name, for instance <c>Europe/Berlin</c>.</param>
public sealed record QuietHoursView(string From, string To, string TimeZone);
