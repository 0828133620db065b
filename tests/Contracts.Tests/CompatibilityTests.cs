using System.Text.Json.Nodes;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Lms;
using TalentSphere.Schemas;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Contracts.Tests;

/// <summary>What a change of a record may and may not do to those who rely on it. Every mutation is of a real record, in the set of all real ones.</summary>
public sealed class CompatibilityTests
{
    private static readonly IReadOnlyList<EventTopic> _events = Topology.EventsIn(typeof(EventEnvelope).Assembly);
    private static readonly IReadOnlyDictionary<string, string> _before = SchemaSet.Generate(_events, []);

    [Fact]
    public void An_unchanged_set_breaks_nothing() => Compatibility.Breaks(_before, _before).ShouldBeEmpty();

    [Fact]
    public void A_removed_event_is_refused() => Break(After(without: typeof(LevelReached))).ShouldBe("gamification.level.reached.json: the event was removed");

    [Fact]
    public void A_removed_field_is_refused() =>
        Break(After(with: typeof(Mutations.FieldRemoved))).ShouldBe("lms.lesson.completed.json: lessonTitle was removed");

    [Fact]
    public void A_renamed_field_is_refused() =>
        Breaks(After(with: typeof(Mutations.FieldRenamed))).ShouldContain("lms.lesson.completed.json: lessonTitle was renamed, to title");

    [Theory]
    [InlineData(typeof(Mutations.IdBecameText), "lms.progress.updated.json: courseId was retyped, its format from \"uuid\" to none")]
    [InlineData(typeof(Mutations.NumberBecameText), "lms.progress.updated.json: percent was retyped, from integer to string")]
    [InlineData(typeof(Mutations.NumberBecameLonger), "lms.progress.updated.json: percent was retyped, its format from \"int32\" to \"int64\"")]
    [InlineData(typeof(Mutations.NumberBecameFraction), "lms.progress.updated.json: percent was retyped, from integer to number")]
    [InlineData(typeof(Mutations.TextBecameList), "lms.course.published.json: title was retyped, from string to array")]
    [InlineData(typeof(Mutations.ItemsRetyped), "auth.user.registered.json: roles[] was retyped, from string to integer")]
    [InlineData(typeof(Mutations.DayInsteadOfMoment), "lms.course.completed.json: completionDate was retyped, its format from \"date-time\" to \"date\"")]
    public void A_retyped_field_is_refused(Type mutation, string told) => Break(After(with: mutation)).ShouldBe(told);

    [Theory]
    [InlineData(typeof(Mutations.OptionalMadeRequired), "auth.user.login.json: ipAddress was made required: earlier events and other publishers leave it out")]
    [InlineData(
        typeof(Mutations.RequiredAdded),
        "lms.course.published.json: minutes was added as required: earlier events do not have it; make it nullable or give it a default")]
    public void A_field_made_required_is_refused(Type mutation, string told) => Breaks(After(with: mutation)).ShouldContain(told);

    [Fact]
    public void A_narrowed_nullability_is_refused() =>
        Breaks(After(with: typeof(Mutations.OptionalMadeRequired)))
            .ShouldContain("auth.user.login.json: ipAddress may no longer be null: earlier events and other publishers say null");

    [Fact]
    public void A_field_made_optional_is_refused_because_readers_rely_on_it() => Breaks(After(with: typeof(Mutations.RequiredMadeOptional))).ShouldBe(
    [
        "lms.course.published.json: title was made optional: readers rely on it", "lms.course.published.json: title may now be null: readers rely on its value",
    ]);

    [Fact]
    public void A_changed_key_is_refused() =>
        Break(After(without: typeof(CertificateIssued), with: typeof(Mutations.CertificateIssued)))
            .ShouldBe("lms.certificate.issued.json: the key was changed, to that of lms.certificate.granted.json");

    [Fact]
    public void A_changed_subject_is_refused() => Break(After(with: typeof(Mutations.SubjectChanged))).ShouldBe(
        "lms.enrollment.created.json: the subject was changed, from enrollmentId to userId: the order of its events goes with it");

    [Fact]
    public void A_schema_version_that_goes_back_is_refused()
    {
        var before = After(with: typeof(Mutations.VersionGrown));

        Compatibility.Breaks(_before, before).ShouldBeEmpty();
        Compatibility.Breaks(before, _before).ShouldContain("lms.lesson.completed.json: the schema version went back, from 2 to 1");
    }

    [Theory]
    [InlineData(typeof(Mutations.WordRemoved), "lms.enrollment.created.json: plan was narrowed: \"paid-yearly\" was removed from its words")]
    [InlineData(typeof(Mutations.WordRenamed), "lms.enrollment.created.json: plan was narrowed: \"paid-yearly\" was removed from its words")]
    [InlineData(typeof(Mutations.WordsDropped), "lms.enrollment.created.json: plan was retyped, from an enum to any value")]
    public void A_narrowed_enum_is_refused(Type mutation, string told) =>
        Compatibility.Breaks(After(with: typeof(Mutations.Words)), After(with: mutation)).ShouldBe([told]);

    [Fact]
    public void Text_that_becomes_an_enum_is_refused() =>
        Break(After(with: typeof(Mutations.TextBecameEnum))).ShouldBe("lms.enrollment.created.json: courseTitle was narrowed, to \"free\", \"paid-yearly\"");

    [Fact]
    public void A_changed_exchange_is_refused()
    {
        var elsewhere = _before[SchemaSet.AsyncApi].Replace("\"talentsphere.events\"", "\"elsewhere\"");
        var after = new Dictionary<string, string>(_before) { [SchemaSet.AsyncApi] = elsewhere };

        Compatibility.Breaks(_before, after).Count.ShouldBe(_events.Count);
    }

    [Fact]
    public void A_changed_envelope_is_refused()
    {
        var envelope = JsonNode.Parse(_before[SchemaSet.Envelope])!;
        envelope["properties"]!.AsObject().Remove("source");
        envelope["required"]!.AsArray().RemoveAt(4);
        var after = new Dictionary<string, string>(_before) { [SchemaSet.Envelope] = envelope.ToJsonString() };

        Break(after).ShouldBe("envelope.json: source was removed");
    }

    [Fact]
    public void What_is_inside_a_field_is_compared_too() =>
        Compatibility.Breaks(After(with: typeof(Mutations.Nested)), After(with: typeof(Mutations.NestedChanged)))
            .ShouldBe(["lms.progress.updated.json: steps[].at was removed", "lms.progress.updated.json: byDay{} was retyped, from integer to string"]);

    [Theory]
    [InlineData(typeof(Mutations.OptionalAdded))]
    [InlineData(typeof(Mutations.DefaultAdded))]
    [InlineData(typeof(Mutations.Described))]
    [InlineData(typeof(Mutations.Reordered))]
    public void An_addition_passes(Type mutation)
    {
        var after = After(with: mutation);

        after.Values.ShouldNotBe(_before.Values);
        Compatibility.Breaks(_before, after).ShouldBeEmpty();
    }

    [Fact]
    public void A_new_event_passes() => Compatibility.Breaks(_before, After(with: typeof(Mutations.CertificateIssued))).ShouldBeEmpty();

    [Fact]
    public void A_new_word_of_an_enum_passes() =>
        Compatibility.Breaks(After(with: typeof(Mutations.Words)), After(with: typeof(Mutations.WordAdded))).ShouldBeEmpty();

    [Fact]
    public void What_was_added_is_promised_from_then_on() =>
        Compatibility.Breaks(After(with: typeof(Mutations.OptionalAdded)), _before).ShouldBe(["lms.course.published.json: minutes was removed"]);

    [Fact]
    public void A_type_that_the_schemas_have_no_words_for_is_refused_by_the_generator() =>
        Should.Throw<NotSupportedException>(() => EventSchema.Of(Topology.Of(typeof(Mutations.Unspeakable)))).Message.ShouldContain("no word of these schemas");

    [Fact]
    public void A_mark_of_the_contracts_on_a_field_is_told() =>
        EventSchema.Of(Topology.Of(typeof(Mutations.Described)))["properties"]!["title"]!["x-marked"]!.GetValue<bool>().ShouldBeTrue();

    private static string Break(IReadOnlyDictionary<string, string> after) => Breaks(after).ShouldHaveSingleItem();

    private static IReadOnlyList<string> Breaks(IReadOnlyDictionary<string, string> after) => Compatibility.Breaks(_before, after);

    /// <summary>All real events, with one taken out or replaced by the mutation that has its key.</summary>
    private static IReadOnlyDictionary<string, string> After(Type? with = null, Type? without = null)
    {
        var mutation = with is null ? null : Topology.Of(with);
        var events = _events.Where(e => e.EventType != without && e.Key != mutation?.Key);
        return SchemaSet.Generate([.. (mutation is null ? events : events.Append(mutation)).OrderBy(e => e.Key, StringComparer.Ordinal)], []);
    }

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class MarkedAttribute : Attribute;

    private static class Mutations
    {
        [Topic("lms.lesson.completed", nameof(EnrollmentId))]
        public sealed record FieldRemoved(Guid EnrollmentId, Guid UserId, Guid CourseId, Guid LessonId, DateTime CompletionDate);

        [Topic("lms.lesson.completed", nameof(EnrollmentId))]
        public sealed record FieldRenamed(Guid EnrollmentId, Guid UserId, Guid CourseId, Guid LessonId, string Title, DateTime CompletionDate);

        [Topic("lms.lesson.completed", nameof(EnrollmentId), SchemaVersion = 2)]
        public sealed record VersionGrown(Guid EnrollmentId, Guid UserId, Guid CourseId, Guid LessonId, string LessonTitle, DateTime CompletionDate);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record IdBecameText(Guid EnrollmentId, Guid UserId, string CourseId, int Percent);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record NumberBecameText(Guid EnrollmentId, Guid UserId, Guid CourseId, string Percent);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record NumberBecameLonger(Guid EnrollmentId, Guid UserId, Guid CourseId, long Percent);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record NumberBecameFraction(Guid EnrollmentId, Guid UserId, Guid CourseId, decimal Percent);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record TextBecameList(Guid CourseId, Guid InstructorId, IReadOnlyList<string> Title);

        [Topic("auth.user.registered", nameof(UserId))]
        public sealed record ItemsRetyped(Guid UserId, string Email, string Name, IReadOnlyList<int> Roles);

        [Topic("lms.course.completed", nameof(EnrollmentId))]
        public sealed record DayInsteadOfMoment(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, DateOnly CompletionDate);

        [Topic("auth.user.login", nameof(UserId))]
        public sealed record OptionalMadeRequired(Guid UserId, string IpAddress, string? UserAgent);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record RequiredAdded(Guid CourseId, Guid InstructorId, string Title, int Minutes);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record RequiredMadeOptional(Guid CourseId, Guid InstructorId, string? Title);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record OptionalAdded(Guid CourseId, Guid InstructorId, string Title, int? Minutes);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record DefaultAdded(Guid CourseId, Guid InstructorId, string Title, int Minutes = 30);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record Described(Guid CourseId, Guid InstructorId, [property: Marked] string Title);

        [Topic("lms.course.published", nameof(CourseId))]
        public sealed record Reordered(string Title, Guid InstructorId, Guid CourseId);

        [Topic("lms.certificate.granted", nameof(EnrollmentId))]
        public sealed record CertificateIssued(Guid EnrollmentId, Guid CertificateId, Guid UserId, Guid CourseId, string CourseTitle);

        [Topic("lms.enrollment.created", nameof(UserId))]
        public sealed record SubjectChanged(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle);

        public enum Plan
        {
            Free,
            PaidYearly,
        }

        public enum Shorter
        {
            Free,
        }

        public enum Renamed
        {
            Free,
            Yearly,
        }

        public enum Longer
        {
            Free,
            PaidMonthly,
            PaidYearly,
        }

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record Words(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, Plan? Plan);

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record WordRemoved(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, Shorter? Plan);

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record WordRenamed(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, Renamed? Plan);

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record WordAdded(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, Longer? Plan);

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record WordsDropped(Guid EnrollmentId, Guid UserId, Guid CourseId, string CourseTitle, string? Plan);

        [Topic("lms.enrollment.created", nameof(EnrollmentId))]
        public sealed record TextBecameEnum(Guid EnrollmentId, Guid UserId, Guid CourseId, Plan CourseTitle);

        public sealed record Step(Guid Id, DateTime At);

        public sealed record StepWithoutTime(Guid Id);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record Nested(
            Guid EnrollmentId, Guid UserId, Guid CourseId, int Percent, IReadOnlyList<Step> Steps, IReadOnlyDictionary<string, int> ByDay);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record NestedChanged(
            Guid EnrollmentId, Guid UserId, Guid CourseId, int Percent, IReadOnlyList<StepWithoutTime> Steps, IReadOnlyDictionary<string, string> ByDay);

        [Topic("lms.progress.updated", nameof(EnrollmentId))]
        public sealed record Unspeakable(Guid EnrollmentId, Branch Branch);

        public sealed record Branch(IReadOnlyList<Branch> Branches);
    }
}
