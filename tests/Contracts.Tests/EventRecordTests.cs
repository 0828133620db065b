using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Contracts.Tests;

/// <summary>What other people's consumers rely on.</summary>
public sealed partial class EventRecordTests
{
    /// <summary>The routing keys that the services promise. Keys are only ever added here.</summary>
    private static readonly string[] _promised =
    [
        "auth.password.changed", "auth.user.deleted", "auth.user.login", "auth.user.logout", "auth.user.registered",
        "challenges.submission.approved", "challenges.submission.rejected", "challenges.submission.submitted", "challenges.testcase.failed",
        "challenges.testcase.passed", "challenges.user.erased",
        "gamification.badge.earned", "gamification.level.reached", "gamification.points.awarded", "gamification.user.erased",
        "gateway.user.erased",
        "jobs.application.statuschanged", "jobs.application.submitted", "jobs.application.viewed", "jobs.post.closed", "jobs.post.created", "jobs.post.updated",
        "jobs.user.erased",
        "lms.certificate.issued", "lms.course.completed", "lms.course.published", "lms.enrollment.cancelled", "lms.enrollment.created", "lms.lesson.completed",
        "lms.progress.updated", "lms.user.erased",
        "notification.message.read", "notification.message.sent", "notification.user.erased",
    ];

    private static readonly Type[] _events = [.. typeof(TopicAttribute).Assembly.GetTypes().Where(t => t.GetCustomAttribute<TopicAttribute>() is not null)];

    public static TheoryData<Type> Events => [.. _events];

    [Fact]
    public void There_is_a_record_for_every_promised_key_and_no_other() =>
        _events.Select(t => t.GetCustomAttribute<TopicAttribute>()!.Key).Order(StringComparer.Ordinal).ShouldBe(_promised.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Events))]
    public void A_key_has_three_segments_and_the_first_is_the_records_domain(Type record)
    {
        var key = record.GetCustomAttribute<TopicAttribute>()!.Key;

        ThreeSegments().IsMatch(key).ShouldBeTrue(key);
        record.Namespace.ShouldBe($"TalentSphere.Contracts.{char.ToUpperInvariant(key[0])}{key[1..key.IndexOf('.')]}");
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void The_subject_names_an_id_of_the_record(Type record)
    {
        var subject = record.GetProperty(record.GetCustomAttribute<TopicAttribute>()!.Subject);

        subject.ShouldNotBeNull().PropertyType.ShouldBe(typeof(Guid));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void A_record_survives_the_wire(Type record)
    {
        var original = Samples.Of(record);
        var json = JsonSerializer.Serialize(original, record, ApiJson.Options);

        JsonSerializer.Serialize(JsonSerializer.Deserialize(json, record, ApiJson.Options), record, ApiJson.Options).ShouldBe(json);
        JsonNode.Parse(json)!.AsObject().Select(p => p.Key).ShouldAllBe(name => char.IsLower(name[0]));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void What_is_personal_names_its_owner_and_can_be_emptied(Type record)
    {
        Should.NotThrow(() => PersonalFields.Of(record));

        // Whoever adds one of these marks it, or finds it another name.
        record.GetProperties().Where(p => p.Name is "Email" or "Name" or "IpAddress" or "UserAgent" or "JobTitle" && record != typeof(BadgeEarned))
            .ShouldAllBe(p => p.GetCustomAttribute<PersonalDataAttribute>() != null);
    }

    [Fact]
    public void Whoever_says_that_a_user_is_erased_is_waited_for() =>
        _events.Where(t => t.GetCustomAttribute<TopicAttribute>()!.Key.EndsWith(".user.erased", StringComparison.Ordinal))
            .ShouldBe(_events.Where(t => t.IsAssignableTo(typeof(IUserErased))), ignoreOrder: true);

    [Fact]
    public void The_envelope_is_the_documented_one()
    {
        var data = JsonSerializer.SerializeToElement(new ProgressUpdated(Guid.Empty, Guid.Empty, Guid.Empty, 50), ApiJson.Options);
        var envelope = new EventEnvelope(
            Guid.Parse("01980000-0000-7000-8000-000000000001"), "lms.progress.updated", new DateTime(2026, 11, 20, 9, 30, 0, 123, DateTimeKind.Utc), 1, "lms", "c-1", "s-1", data);

        JsonSerializer.Serialize(envelope, ApiJson.Options).ShouldBe(
            """{"eventId":"01980000-0000-7000-8000-000000000001","eventType":"lms.progress.updated","timestamp":"2026-11-20T09:30:00.123Z","schemaVersion":1,"source":"lms","correlationId":"c-1","subject":"s-1","data":{"enrollmentId":"00000000-0000-0000-0000-000000000000","userId":"00000000-0000-0000-0000-000000000000","courseId":"00000000-0000-0000-0000-000000000000","percent":50}}""");
    }

    [GeneratedRegex(@"^[a-z]+\.[a-z]+\.[a-z]+$")]
    private static partial Regex ThreeSegments();
}
