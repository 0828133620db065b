using System.Text.Json;
using TalentSphere.Cli.Chaos;

namespace TalentSphere.Chaos.Tests;

/// <summary>The comparison by itself: a small world in which all is well, and then one thing broken at a time.</summary>
public sealed class CheckerTests
{
    private static readonly Guid _user = Guid.CreateVersion7();
    private static readonly Guid _course = Guid.CreateVersion7();
    private static readonly Guid _enrollment = Guid.CreateVersion7();
    private static readonly Guid[] _lessons = [Guid.CreateVersion7(), Guid.CreateVersion7()];

    [Fact]
    public void A_world_in_which_all_is_well_has_no_finding()
    {
        var verdict = new World().Judge();
        verdict.Findings.ShouldBeEmpty();
        verdict.ToString().ShouldBe("acknowledged 4 = published 4 = applied 4, duplicates 0, out of order 0, dead 0");
        (verdict.Events, verdict.Deliveries, verdict.Effects).ShouldBe((12, 8, 8));
    }

    [Fact]
    public void An_acknowledged_write_without_its_event_is_lost()
    {
        var world = new World();
        world.Claims[new("lms.lesson.completed", $"{_user}/{Guid.CreateVersion7()}")] = 1;
        var verdict = world.Judge();
        verdict.Findings.Single().Breach.ShouldBe(Breach.Lost);
        (verdict.Acknowledged, verdict.Published).ShouldBe((5, 4));
    }

    [Fact]
    public void A_stored_fact_without_its_event_is_lost()
    {
        var world = new World();
        world.Facts.Add(new("lms.lesson.completed", $"{_user}/{Guid.CreateVersion7()}"));
        world.Judge().Findings.Single().Breach.ShouldBe(Breach.Lost);
    }

    [Fact]
    public void An_event_without_its_fact_is_a_phantom()
    {
        var world = new World();
        world.Facts.RemoveAll(f => f.EventType == "lms.lesson.completed" && f.Key.EndsWith(_lessons[1].ToString()));
        world.Judge().Findings.Single().Breach.ShouldBe(Breach.Phantom);
    }

    [Fact]
    public void A_fact_that_was_told_twice_is_doubled()
    {
        var world = new World();
        world.Tell("lms", "lms.course.published", new { courseId = _course });
        world.Tell("lms", "lms.course.published", new { courseId = _course });
        world.Facts.Add(new("lms.course.published", _course.ToString()));
        world.Claims[new("lms.course.published", _course.ToString())] = 1;
        world.Judge().Findings.ShouldAllBe(f => f.Breach == Breach.Doubled);
        world.Judge().Duplicates.ShouldBe(2, "once by the table and once by what was acknowledged");
    }

    [Fact]
    public void More_events_than_answers_are_fine_as_far_as_answers_were_lost()
    {
        var world = new World();
        world.Tell("lms", "lms.course.published", new { courseId = _course });
        world.Facts.Add(new("lms.course.published", _course.ToString()));
        world.Judge().Findings.Single().Breach.ShouldBe(Breach.Doubled);
        world.Maybes["lms.course.published"] = 1;
        world.Judge().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void An_event_that_waits_or_was_set_aside_is_unpublished()
    {
        var world = new World();
        world.Events[0] = world.Events[0] with { IsPublished = false };
        world.Events[1] = world.Events[1] with { IsPublished = false, SetAside = "The broker refused it." };
        var verdict = world.Judge();
        verdict.Findings.ShouldAllBe(f => f.Breach == Breach.Unpublished);
        verdict.Findings.Count.ShouldBe(2);
        verdict.Findings[1].What.ShouldContain("The broker refused it.");
        verdict.Published.ShouldBe(3, "the second one was not acknowledged to anybody");
    }

    [Fact]
    public void A_subscriber_without_an_inbox_row_has_not_heard()
    {
        var world = new World();
        var e = world.Event("lms.lesson.completed");
        world.Inboxes.RemoveAll(i => i.MessageId == e.Id);
        var verdict = world.Judge();
        var finding = verdict.Findings.Single();
        finding.Breach.ShouldBe(Breach.Unheard);
        finding.What.ShouldContain(e.Id.ToString());
        verdict.Applied.ShouldBe(3);
    }

    [Fact]
    public void An_inbox_row_of_an_event_that_is_in_no_outbox_is_a_phantom_unless_it_is_old()
    {
        var world = new World();
        var stranger = Guid.CreateVersion7();
        world.Inboxes.Add(new("gamification", stranger, "lms.lesson.completed", 999));
        world.Judge().Findings.Single().Breach.ShouldBe(Breach.Phantom);
        world.Earlier.Add(stranger);
        world.Judge().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Two_events_of_a_subject_the_wrong_way_round_are_out_of_order()
    {
        var world = new World();
        var ids = world.Events.Where(e => e.Type == "lms.lesson.completed").Select(e => e.Id).ToList();
        var rows = ids.ConvertAll(id => world.Inboxes.Single(i => i.MessageId == id));
        world.Inboxes.RemoveAll(rows.Contains);
        world.Inboxes.AddRange([rows[0] with { Position = rows[1].Position }, rows[1] with { Position = rows[0].Position }]);
        var finding = world.Judge().Findings.Single();
        finding.Breach.ShouldBe(Breach.OutOfOrder);
        finding.What.ShouldStartWith($"gamification applied lms.lesson.completed {ids[1]}");
    }

    [Fact]
    public void The_ledger_is_a_second_witness_of_the_order()
    {
        var world = new World();
        var lessons = world.Ledger.FindAll(l => l.Reason == "Lesson");
        world.Ledger.RemoveAll(lessons.Contains);
        world.Ledger.AddRange([lessons[0] with { Ordinal = lessons[1].Ordinal }, lessons[1] with { Ordinal = lessons[0].Ordinal }]);
        world.Judge().Findings.Single().Breach.ShouldBe(Breach.OutOfOrder);
    }

    [Fact]
    public void An_effect_that_is_missing_or_there_twice_is_found()
    {
        var world = new World();
        var entry = world.Ledger.Find(l => l.Reason == "Lesson")!;
        world.Ledger.Remove(entry);
        world.Judge().Findings.ShouldContain(f => f.Breach == Breach.NoEffect && f.What.Contains(entry.EventId.ToString()));

        world = new World();
        var twice = world.Ledger[0] with { Id = Guid.CreateVersion7(), Ordinal = 9 };
        world.Ledger.Add(twice);
        world.Judge().Findings.ShouldContain(f => f.Breach == Breach.Doubled && f.What.Contains(twice.Id.ToString()));
        world.Judge().Findings.ShouldContain(f => f.Breach == Breach.Mismatch, "the learner's total no longer is the sum");

        world = new World();
        var notice = world.Notices[0];
        world.Notices.Add(notice with { Id = Guid.CreateVersion7(), Source = "elsewhere" });
        world.Judge().Findings.ShouldContain(f => f.Breach == Breach.Doubled && f.What.Contains(notice.EventId.ToString()));
        world.Notices.RemoveAll(n => n.EventId == notice.EventId);
        world.Judge().Findings.ShouldContain(f => f.Breach == Breach.NoEffect && f.What.Contains(notice.EventId.ToString()));
    }

    [Fact]
    public void Coming_and_leaving_take_turns_and_end_where_the_row_is()
    {
        var world = new World();
        var left = world.Tell("lms", "lms.enrollment.cancelled", new { enrollmentId = _enrollment, userId = _user, courseId = _course }, _enrollment);
        world.Hear("notification", left);
        world.Notify(left);
        world.Claims[new("lms.enrollment.cancelled", $"{_user}/{_course}")] = 1;
        world.Judge().Findings.Single().What.ShouldContain("is alive, but was told as lms.enrollment.created, lms.enrollment.cancelled");
        world.Enrollments[0] = world.Enrollments[0] with { IsCancelled = true };
        world.Judge().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void An_application_moves_in_a_chain_that_ends_where_the_row_is()
    {
        var application = Guid.CreateVersion7();
        var world = new World();
        void Move(string from, string to)
        {
            var data = new { applicationId = application, userId = _user, employerId = _course, from, to };
            var moved = world.Tell("jobs", "jobs.application.statuschanged", data, application);
            world.Hear("notification", moved);
            world.Notify(moved);
            world.Claims[new("jobs.application.statuschanged", $"{application}/{to}")] = 1;
        }
        world.Applications.Add(new(application, "accepted"));
        Move("pending", "reviewing");
        world.Judge().Findings.Single().What.ShouldBe($"application {application} is accepted, but was told to be reviewing");
        Move("reviewing", "accepted");
        world.Judge().Findings.ShouldBeEmpty();
        Move("reviewing", "rejected");
        world.Judge().Findings.Count(f => f.Breach == Breach.Lost).ShouldBe(2);
    }

    [Fact]
    public void A_dead_letter_and_a_queue_that_is_not_empty_are_found()
    {
        var world = new World();
        world.Queues.Add(new("notification.events", 3, 1));
        world.Queues.Add(new("notification.events.dlq", 1, 0));
        world.DeadLetters.Add(new("notification.events.dlq", "0198", "lms.lesson.completed", "NullReferenceException"));
        var verdict = world.Judge();
        verdict.Findings.Select(f => f.Breach).ShouldBe([Breach.Unrest, Breach.Dead]);
        verdict.Dead.ShouldBe(1);
    }

    [Fact]
    public void Points_follow_from_acknowledged_facts() =>
        Checker.PointsOf(new World().Claims.Keys).ShouldBe(new Dictionary<Guid, int> { [_user] = 50 });

    /// <summary>Somebody registered, enrolled and completed two lessons: told, heard and applied.</summary>
    private sealed class World
    {
        private long _sequence;
        private long _position = 100;

        public World()
        {
            var registered = Tell("auth", "auth.user.registered", new { userId = _user }, _user);
            Fact("auth.user.registered", _user.ToString());
            Reward(registered, "Registration", _user.ToString(), 10);
            Notify(registered);
            var enrolled = Tell("lms", "lms.enrollment.created", new { enrollmentId = _enrollment, userId = _user, courseId = _course }, _enrollment);
            Claims[new("lms.enrollment.created", $"{_user}/{_course}")] = 1;
            Enrollments.Add(new(_enrollment, _user, _course, IsCancelled: false));
            Notify(enrolled);
            foreach (var lesson in _lessons)
            {
                var data = new { enrollmentId = _enrollment, userId = _user, courseId = _course, lessonId = lesson };
                var completed = Tell("lms", "lms.lesson.completed", data, _enrollment);
                Fact("lms.lesson.completed", $"{_user}/{lesson}");
                Reward(completed, "Lesson", lesson.ToString(), 20);
            }
            Learners.Add(new(_user, 50));
            foreach (var e in Events)
            {
                foreach (var service in Hearing.Of(e.Type))
                    Hear(service, e);
            }
        }

        public Dictionary<Claim, int> Claims { get; } = [];

        public Dictionary<string, int> Maybes { get; } = [];

        public List<OutboxRow> Events { get; } = [];

        public HashSet<Guid> Earlier { get; } = [];

        public List<InboxRow> Inboxes { get; } = [];

        public List<Claim> Facts { get; } = [];

        public List<EnrollmentRow> Enrollments { get; } = [];

        public List<ApplicationRow> Applications { get; } = [];

        public List<LedgerRow> Ledger { get; } = [];

        public List<LearnerRow> Learners { get; } = [];

        public List<NoticeRow> Notices { get; } = [];

        public List<QueueState> Queues { get; } = [];

        public List<DeadLetter> DeadLetters { get; } = [];

        public Verdict Judge() => Checker.Judge(Claims, Maybes, new()
        {
            Events = Events,
            Earlier = Earlier,
            Inboxes = Inboxes,
            Facts = Facts,
            Enrollments = Enrollments,
            Applications = Applications,
            Ledger = Ledger,
            Learners = Learners,
            Notices = Notices,
            Queues = Queues,
            DeadLetters = DeadLetters,
        });

        public OutboxRow Event(string type) => Events.First(e => e.Type == type);

        public OutboxRow Tell(string service, string type, object data, Guid? subject = null)
        {
            var json = JsonSerializer.SerializeToElement(data);
            var e = new OutboxRow(service, ++_sequence, Guid.CreateVersion7(), type, (subject ?? _course).ToString(), json, IsPublished: true, SetAside: null);
            Events.Add(e);
            return e;
        }

        public void Hear(string service, OutboxRow e) => Inboxes.Add(new(service, e.Id, e.Type, ++_position));

        public void Notify(OutboxRow e)
        {
            var notice = Hearing.NoticeOf(e)!;
            var row = new NoticeRow(Guid.CreateVersion7(), notice.UserId, notice.Kind, notice.Source, e.Id);
            Notices.Add(row);
            Facts.Add(new("notification.message.sent", row.Id.ToString()));
            Tell("notification", "notification.message.sent", new { notificationId = row.Id }, row.Id);
        }

        private void Fact(string type, string key)
        {
            Facts.Add(new(type, key));
            Claims[new(type, key)] = 1;
        }

        private void Reward(OutboxRow e, string reason, string source, int amount)
        {
            var entry = new LedgerRow(Guid.CreateVersion7(), _user, Ledger.Count + 1, amount, reason, source, e.Id);
            Ledger.Add(entry);
            Facts.Add(new("gamification.points.awarded", entry.Id.ToString()));
            Notify(Tell("gamification", "gamification.points.awarded", new { userId = _user, entryId = entry.Id }, _user));
        }
    }
}
