using System.Text.Json;
using TalentSphere.Contracts;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Lms;
using TalentSphere.Gamification.Leaderboard;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Tests;

public class LearnerTests
{
    private static readonly DateTime _now = new(2026, 11, 20, 9, 30, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 2)]
    [InlineData(299, 2)]
    [InlineData(300, 3)]
    [InlineData(600, 4)]
    [InlineData(-50, 1)]
    public void A_level_needs_fifty_times_n_times_n_minus_one_points(int points, int level) => Levels.Of(points).ShouldBe(level);

    [Fact]
    public void Every_level_begins_exactly_at_its_points()
    {
        for (var level = 2; level < 5000; level++)
        {
            Levels.Of(Levels.PointsFor(level)).ShouldBe(level);
            Levels.Of(Levels.PointsFor(level) - 1).ShouldBe(level - 1);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(100, 0)]
    [InlineData(200, 50)]
    [InlineData(-10, 0)]
    public void Progress_is_the_share_of_the_way_to_the_next_level(int points, int percent) => Levels.Progress(points).ShouldBe(percent);

    [Fact]
    public void One_award_can_reach_several_levels_and_each_is_told_once()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        learner.Award(Reward(LedgerReason.Course, 200), [], _now).Levels.ShouldBe([2]);
        learner.Award(Reward(LedgerReason.Course, 500), [], _now).Levels.ShouldBe([3, 4]);
        learner.Award(Reward(LedgerReason.Lesson, 20), [], _now).Levels.ShouldBeEmpty();
        learner.Total.ShouldBe(720);
    }

    [Fact]
    public void A_correction_takes_points_back_and_the_level_is_not_reached_again()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        learner.Award(Reward(LedgerReason.Lesson, 100), [], _now).Levels.ShouldBe([2]);
        var correction = learner.Award(Reward(LedgerReason.Correction, -100), [], _now);
        correction.Entry.Amount.ShouldBe(-100);
        learner.Total.ShouldBe(0);
        learner.Lessons.ShouldBe(1);
        learner.Award(Reward(LedgerReason.Lesson, 100), [], _now).Levels.ShouldBeEmpty();
    }

    [Fact]
    public void A_badge_is_earned_when_its_facts_are_there_and_only_once()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        learner.Award(Reward(LedgerReason.Registration, 10), [], _now).Badges.Select(b => b.Code).ShouldBe(["welcome"]);
        learner.Award(Reward(LedgerReason.Lesson, 20), [], _now).Badges.Select(b => b.Code).ShouldBe(["first-lesson"]);
        learner.Award(Reward(LedgerReason.Lesson, 20), [], _now).Badges.ShouldBeEmpty();
        for (var i = 1; i <= 10; i++)
        {
            var codes = learner.Award(Reward(LedgerReason.Challenge, 100), [], _now).Badges.Select(b => b.Code).ToList();
            codes.Contains("first-challenge").ShouldBe(i == 1);
            codes.Contains("ten-challenges").ShouldBe(i == 10);
        }
        learner.Badges.Select(b => b.Badge).ShouldBe(["welcome", "first-lesson", "first-challenge", "points-1000", "ten-challenges"]);
    }

    [Fact]
    public void Entries_are_numbered_from_one()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        Enumerable.Range(0, 3).Select(_ => learner.Award(Reward(LedgerReason.Lesson, 20), [], _now).Entry.Ordinal).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_streak_grows_by_days_in_a_row_whatever_order_they_arrive_in()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        var days = new List<DateOnly>();
        foreach (var daysAgo in (int[])[6, 4, 5, 0, 2, 1, 3])
        {
            var reward = Reward(LedgerReason.Lesson, 20) with { OccurredAt = _now.AddDays(-daysAgo) };
            days.Add(learner.Award(reward, days, _now).Entry.Day);
        }
        learner.Streak.ShouldBe(new Streak(7, 7, new DateOnly(2026, 11, 20)));
        learner.Badges.Select(b => b.Badge).ShouldContain("streak-7");
    }

    [Fact]
    public void A_gap_ends_a_streak_and_the_longest_is_kept()
    {
        DateOnly[] days = [new(2026, 10, 30), new(2026, 10, 31), new(2026, 11, 1), new(2026, 11, 3)];
        Streak.Of(days).ShouldBe(new Streak(1, 3, new DateOnly(2026, 11, 3)));
        Streak.Of([]).ShouldBe(default);
    }

    [Fact]
    public void A_streak_is_alive_until_a_whole_day_went_by_without_points()
    {
        var streak = new Streak(4, 9, new DateOnly(2026, 11, 19));
        streak.AliveOn(new(2026, 11, 19)).ShouldBe(4);
        streak.AliveOn(new(2026, 11, 20)).ShouldBe(4);
        streak.AliveOn(new(2026, 11, 21)).ShouldBe(0);
        default(Streak).AliveOn(new(2026, 11, 21)).ShouldBe(0);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("2999-01-01T00:00:00Z")]
    public void A_time_that_cannot_be_counts_as_today(string occurredAt)
    {
        var reward = Reward(LedgerReason.Lesson, 20) with { OccurredAt = DateTime.Parse(occurredAt, null, System.Globalization.DateTimeStyles.AdjustToUniversal) };
        new Learner { UserId = Guid.CreateVersion7() }.Award(reward, [], _now).Entry.Day.ShouldBe(new DateOnly(2026, 11, 20));
    }

    [Fact]
    public void A_long_name_is_cut_between_characters()
    {
        var learner = new Learner { UserId = Guid.CreateVersion7() };
        learner.Name(" " + new string('a', Learner.MaxName - 1) + "😀 and more");
        learner.DisplayName.ShouldBe(new string('a', Learner.MaxName - 1));
        learner.Name("  ");
        learner.DisplayName.ShouldNotBeNull();
        learner.Forget().ShouldBeTrue();
        learner.Forget().ShouldBeFalse();
    }

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(200)]
    public void A_challenge_is_worth_what_its_difficulty_is_worth(int points) =>
        Points.Reward.For(new SubmissionApproved(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "Top words", "accepted", points, 1, 1), Envelope()).Amount.ShouldBe(points);

    [Theory]
    [InlineData(0)]
    [InlineData(-200)]
    [InlineData(1_000_000)]
    public void No_other_points_are_given_for_a_challenge(int points) => Should.Throw<MalformedEventException>(() =>
        Points.Reward.For(new SubmissionApproved(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "Top words", "accepted", points, 1, 1), Envelope()));

    [Fact]
    public void A_fact_about_nobody_is_refused() => Should.Throw<MalformedEventException>(() =>
        Points.Reward.For(new LessonCompleted(Guid.CreateVersion7(), Guid.Empty, Guid.CreateVersion7(), Guid.CreateVersion7(), "Pointers", _now), Envelope()));

    [Theory]
    [InlineData("2026-11-20", "gamification:leaderboard:week:2026-W47")]
    [InlineData("2026-11-16", "gamification:leaderboard:week:2026-W47")]
    [InlineData("2026-11-15", "gamification:leaderboard:week:2026-W46")]
    [InlineData("2027-01-03", "gamification:leaderboard:week:2026-W53")]
    [InlineData("2024-12-30", "gamification:leaderboard:week:2025-W01")]
    public void A_week_runs_from_Monday_to_Sunday_and_belongs_to_the_year_of_its_Thursday(string day, string key) =>
        BoardScope.WeekOf(DateOnly.Parse(day, null)).Key.ShouldBe(key);

    private static Reward Reward(LedgerReason reason, int amount) =>
        new(Guid.CreateVersion7(), reason, Guid.CreateVersion7().ToString(), amount, _now, Guid.CreateVersion7());

    private static EventEnvelope Envelope() =>
        new(Guid.CreateVersion7(), "challenges.submission.approved", _now, 1, "challenges", "c", "s", JsonSerializer.SerializeToElement(new { }));
}
