using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Lms;
using TalentSphere.Gamification.Data;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.TestKit;
using UserErased = TalentSphere.Contracts.Gamification.UserErased;

namespace TalentSphere.Gamification.Tests;

public class AwardTests(GamificationFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_person_earns_points_a_level_and_badges_and_all_of_it_is_told()
    {
        var (course, challenge) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await service.RegisterAsync(_user);
        var lesson = await service.CompleteLessonAsync(_user, course);
        await service.Events.PublishAsync(new CourseCompleted(Guid.CreateVersion7(), _user, course, "Memory", DateTime.UtcNow));
        await service.Events.PublishAsync(new SubmissionApproved(Guid.CreateVersion7(), _user, challenge, "Top words", "accepted", 100, 12, 9000));
        var me = (await service.HasPointsAsync(_user, 330)).Data;
        me["level"]!.GetValue<int>().ShouldBe(3);
        me["nextLevelAt"]!.GetValue<int>().ShouldBe(600);
        me["progress"]!.GetValue<int>().ShouldBe(10);
        me["streak"]!["current"]!.GetValue<int>().ShouldBe(1);
        me["badges"]!.AsArray().Select(b => b!["code"]!.GetValue<string>()).Order().ShouldBe(["course-graduate", "first-challenge", "first-lesson", "welcome"]);

        await service.Events.ExpectAsync<PointsAwarded>(4, e => e.UserId == _user);
        await service.Events.ExpectAsync<BadgeEarned>(4, e => e.UserId == _user);
        (await service.Events.ExpectAsync<LevelReached>(2, e => e.UserId == _user)).Select(e => e.Level).ShouldBe([2, 3]);
        service.Events.Of<PointsAwarded>(e => e.UserId == _user).Select(e => (e.Amount, e.Reason, e.Total))
            .ShouldBe([(10, "registration", 10), (20, "lesson", 30), (200, "course", 230), (100, "challenge", 330)]);

        var ledger = await service.SignedIn(_user).AskAsync("/api/v1/gamification/ledger");
        ledger.Data.AsArray().Select(e => e!["reason"]!.GetValue<string>()).ShouldBe(["challenge", "course", "lesson", "registration"]);
        ledger.Data[2]!["eventId"]!.GetValue<Guid>().ShouldBe(lesson);
        ledger.Data[2]!["courseId"]!.GetValue<Guid>().ShouldBe(course);
        ledger.Data[0]!["source"]!.GetValue<Guid>().ShouldBe(challenge);
    }

    [Fact]
    public async Task One_event_delivered_twenty_times_counts_once()
    {
        var (eventId, course, lesson) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.CompleteLessonAsync(_user, course, lesson, eventId: eventId)));
        var last = await service.CompleteLessonAsync(_user, course);
        await service.HandledAsync(eventId, last);
        await CountsOnceAsync(entries: 2, total: 40, badges: 1, levels: 0);
    }

    [Fact]
    public async Task One_fact_under_many_event_ids_counts_once()
    {
        var (course, lesson) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var events = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany<int, Task<Guid>>(_ =>
        [
            service.CompleteLessonAsync(_user, course, lesson),
            service.Events.PublishAsync(new CourseCompleted(Guid.CreateVersion7(), _user, course, "Memory", DateTime.UtcNow)),
            service.RegisterAsync(_user),
        ]));
        await service.HandledAsync(events);
        await CountsOnceAsync(entries: 3, total: 230, badges: 3, levels: 1);
    }

    [Fact]
    public async Task One_fact_in_many_transactions_at_once_counts_once()
    {
        // What the queue's single active consumer normally prevents: twenty replicas at the same fact, twenty more at others of the same user.
        var (lesson, course) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var awarded = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany<int, Task<bool>>(i =>
        [
            AwardAsync(new(_user, LedgerReason.Lesson, lesson.ToString(), 20, DateTime.UtcNow, Guid.CreateVersion7()) { CourseId = course }),
            AwardAsync(new(_user, LedgerReason.Challenge, Guid.CreateVersion7().ToString(), 50, DateTime.UtcNow, Guid.CreateVersion7())),
        ]));
        awarded.Count(a => a).ShouldBe(21);
        await CountsOnceAsync(entries: 21, total: 1020, badges: 4, levels: 4);
        service.Events.Of<LevelReached>(e => e.UserId == _user).Select(e => e.Level).ShouldBe([2, 3, 4, 5]);
    }

    [Fact]
    public async Task The_order_of_arrival_does_not_matter()
    {
        var today = DateTime.UtcNow;
        await service.CompleteLessonAsync(_user, at: today);
        await service.CompleteLessonAsync(_user, at: today.AddDays(-2));
        await service.CompleteLessonAsync(_user, at: today.AddDays(-1));
        await service.RegisterAsync(_user);
        var me = (await service.HasPointsAsync(_user, 70)).Data;
        me["streak"]!["current"]!.GetValue<int>().ShouldBe(3);
        me["streak"]!["longest"]!.GetValue<int>().ShouldBe(3);
        await CountsOnceAsync(entries: 4, total: 70, badges: 2, levels: 0);
    }

    [Fact]
    public async Task An_event_with_impossible_points_gives_none_and_holds_nothing_up()
    {
        await service.Events.PublishAsync(new SubmissionApproved(Guid.CreateVersion7(), _user, Guid.CreateVersion7(), "Top words", "accepted", 5000, 1, 1));
        await service.Events.PublishRawAsync("lms.lesson.completed", "{ not json"u8.ToArray(), Guid.CreateVersion7().ToString());
        await service.RegisterAsync(_user);
        await service.HasPointsAsync(_user, 10);
    }

    [Theory]
    [InlineData("UPDATE ledger SET amount = 1000 WHERE user_id = $1")]
    [InlineData("DELETE FROM ledger WHERE user_id = $1")]
    [InlineData("TRUNCATE ledger")]
    public async Task The_ledger_refuses_to_be_changed(string statement)
    {
        await service.RegisterAsync(_user);
        await service.HasPointsAsync(_user, 10);
        await using var connection = new NpgsqlConnection(service.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        if (statement.Contains("$1"))
            command.Parameters.Add(new() { Value = _user });
        var refusal = await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        refusal.MessageText.ShouldContain("append-only");
    }

    [Fact]
    public async Task A_deleted_account_leaves_its_points_and_no_name()
    {
        await service.RegisterAsync(_user, "Grace Hopper");
        await service.HasPointsAsync(_user, 10);
        await service.Events.PublishAsync(new UserDeleted(_user));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user))[0].Records.ShouldBe(1);
        (await service.WithAsync<GamificationDbContext, string?>(db => db.Learners.Where(l => l.UserId == _user).Select(l => l.DisplayName).SingleAsync())).ShouldBeNull();

        var unknown = Guid.CreateVersion7();
        await service.Events.PublishAsync(new UserDeleted(unknown));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == unknown))[0].Records.ShouldBe(0);
    }

    [Fact]
    public async Task What_arrives_after_an_account_was_deleted_brings_nothing_back()
    {
        await service.Events.PublishAsync(new UserDeleted(_user));
        await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user);
        var word = $"w{Guid.CreateVersion7():N}";
        var late = await service.Events.PublishAsync(new UserRegistered(_user, $"{word}@example.org", $"Grace {word}", ["jobseeker"]));
        await Eventually.TrueAsync(
            () => service.WithAsync<GamificationDbContext, bool>(db => db.Set<InboxMessage>().AnyAsync(m => m.MessageId == late)), "the late registration to be handled");
        (await service.WithAsync<GamificationDbContext, bool>(db => db.Learners.AnyAsync(l => l.UserId == _user))).ShouldBeFalse();
        (await Traces.InDatabaseAsync(service.ConnectionString, word)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Dead_letters_about_a_deleted_account_stay_without_what_is_personal()
    {
        var rabbit = (await TestServers.GetAsync()).RabbitMq;
        var (mine, others) = ($"w{Guid.CreateVersion7():N}", $"w{Guid.CreateVersion7():N}");
        // Without its roles it is no registration: it goes to the dead letters at once.
        await LetterAsync(_user, mine);
        await LetterAsync(Guid.CreateVersion7(), others);
        await Eventually.SeesAsync(() => Traces.InQueueAsync(rabbit, "gamification.events.dlq", others), n => n == 1, "the dead letters");
        (await Traces.InQueueAsync(rabbit, "gamification.events.dlq", mine)).ShouldBe(1);

        await service.Events.PublishAsync(new UserDeleted(_user));
        await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user);

        (await Traces.InQueueAsync(rabbit, "gamification.events.dlq", mine)).ShouldBe(0);
        await Eventually.SeesAsync(() => Traces.InQueueAsync(rabbit, "gamification.events.dlq", others), n => n == 1, "the other letter as it was");
        await Eventually.SeesAsync(() => Traces.InQueueAsync(rabbit, "gamification.events.dlq", _user.ToString()), n => n == 1, "the letter itself");

        // One that dies after the account did is redacted on its way there.
        await LetterAsync(_user, mine);
        await Eventually.SeesAsync(
            () => Traces.InQueueAsync(rabbit, "gamification.events.dlq", _user.ToString()), n => n == 2, "the late dead letter");
        (await Traces.InQueueAsync(rabbit, "gamification.events.dlq", mine)).ShouldBe(0);

        Task LetterAsync(Guid userId, string word)
        {
            var id = Guid.CreateVersion7();
            return service.Events.PublishRawAsync("auth.user.registered", Encoding.UTF8.GetBytes(
                $$$"""
                {"eventId":"{{{id}}}","eventType":"auth.user.registered","timestamp":"2026-11-20T09:30:00Z","schemaVersion":1,"source":"auth","correlationId":"c",
                 "subject":"{{{userId}}}","data":{"userId":"{{{userId}}}","Email":"{{{word}}}@example.org","name":"{{{word}}}","name":"again {{{word}}}"}}
                """), id.ToString());
        }
    }

    private async Task<bool> AwardAsync(Reward reward)
    {
        await using var scope = service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<GamificationDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var awarded = await scope.ServiceProvider.GetRequiredService<AwardPoints>().RunAsync(reward, displayName: null, CancellationToken.None);
        await transaction.CommitAsync();
        return awarded;
    }

    private async Task CountsOnceAsync(int entries, int total, int badges, int levels)
    {
        var amounts = await service.WithAsync<GamificationDbContext, List<int>>(db => db.Ledger.Where(e => e.UserId == _user).Select(e => e.Amount).ToListAsync());
        amounts.Count.ShouldBe(entries);
        amounts.Sum().ShouldBe(total);
        await service.HasPointsAsync(_user, total);
        await service.Events.ExpectAsync<PointsAwarded>(entries, e => e.UserId == _user);
        await service.Events.ExpectAsync<BadgeEarned>(badges, e => e.UserId == _user);
        await service.Events.ExpectAsync<LevelReached>(levels, e => e.UserId == _user);
        service.Events.Of<PointsAwarded>(e => e.UserId == _user)[^1].Total.ShouldBe(total);
    }
}
