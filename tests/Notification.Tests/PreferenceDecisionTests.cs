using TalentSphere.Notification.Notifications;
using TalentSphere.Notification.Preferences;

namespace TalentSphere.Notification.Tests;

public class PreferenceDecisionTests
{
    [Fact]
    public void Whoever_never_chose_hears_of_everything()
    {
        var preferences = new NotificationPreferences(Guid.CreateVersion7());
        NotificationKinds.All.ShouldAllBe(k => preferences.Wants(k) && !preferences.HoldsPush(k, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void A_security_notice_cannot_be_switched_off_nor_held_back()
    {
        var preferences = new NotificationPreferences(Guid.CreateVersion7());
        preferences.Replace(NotificationKinds.All, new QuietHours(new(0, 0), new(23, 59), "UTC"));
        preferences.Wants(NotificationKind.PasswordChanged).ShouldBeTrue();
        preferences.HoldsPush(NotificationKind.PasswordChanged, DateTimeOffset.UnixEpoch).ShouldBeFalse();
        preferences.Wants(NotificationKind.LevelReached).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2026-01-10T20:59:00Z", false)]
    [InlineData("2026-01-10T21:00:00Z", true)]
    [InlineData("2026-01-11T05:59:00Z", true)]
    [InlineData("2026-01-11T06:00:00Z", false)]
    [InlineData("2026-07-10T20:00:00Z", true)]
    [InlineData("2026-07-11T05:00:00Z", false)]
    public void Quiet_hours_go_past_midnight_and_follow_the_clock_of_the_place(string instant, bool quiet) =>
        new QuietHours(new(22, 0), new(7, 0), "Europe/Berlin").Covers(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(quiet);

    [Fact]
    public void A_time_zone_that_is_gone_silences_nothing() =>
        new QuietHours(new(0, 0), new(23, 59), "Atlantis/Capital").Covers(DateTimeOffset.UnixEpoch).ShouldBeFalse();

    [Fact]
    public void Every_kind_has_a_kebab_case_name_of_its_own()
    {
        NotificationKinds.All.Select(k => k.Name()).ShouldBeUnique();
        NotificationKind.LevelReached.Name().ShouldBe("level-reached");
        NotificationKinds.TryParse("level-reached", out var kind).ShouldBeTrue();
        kind.ShouldBe(NotificationKind.LevelReached);
        NotificationKinds.TryParse("LevelReached", out _).ShouldBeFalse();
    }
}
