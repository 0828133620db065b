using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

public class DerivedIdTests
{
    private static readonly DateTime _at = new(2026, 11, 20, 9, 30, 0, 123, 456, DateTimeKind.Utc);
    private static readonly Guid _event = Guid.Parse("0198aaaa-0000-7000-8000-000000000001");

    [Fact]
    public void The_same_event_purpose_and_time_give_the_same_UUIDv7_for_ever()
    {
        var id = DerivedId.Of(_event, "entry", _at);
        id.ShouldBe(DerivedId.Of(_event, "entry", _at));
        id.Version.ShouldBe(7);
        (id.Variant & 0b1100).ShouldBe(0b1000);
        var bytes = id.ToByteArray(bigEndian: true);
        var milliseconds = (((long)bytes[0] << 40) | ((long)bytes[1] << 32) | ((long)bytes[2] << 24) | ((long)bytes[3] << 16) | ((long)bytes[4] << 8) | bytes[5]);
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 30, 0, 123, TimeSpan.Zero));
    }

    [Fact]
    public void Another_event_purpose_or_time_gives_another_id()
    {
        Guid[] ids =
        [
            DerivedId.Of(_event, "entry", _at), DerivedId.Of(_event, "other", _at), DerivedId.Of(Guid.CreateVersion7(), "entry", _at),
            DerivedId.Of(_event, "entry", _at.AddMilliseconds(1)),
        ];
        ids.Distinct().Count().ShouldBe(4);
    }
}
