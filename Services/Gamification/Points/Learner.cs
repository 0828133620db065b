using TalentSphere.Gamification.Badges;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>
/// What one user has earned so far: the sum of the user's ledger and the facts that badges are given for. Changed only by whoever
/// holds the row's lock.
/// </summary>
public sealed class Learner : ITimestamped
{
    /// <summary>The longest display name that is kept.</summary>
    public const int MaxName = 200;

    // Nothing was earned here before.
    private const int _firstYear = 2020;

    public Guid UserId { get; init; }

    /// <summary>The name for leaderboards; null when not known, or erased.</summary>
    public string? DisplayName { get; private set; }

    /// <summary>The sum of the ledger.</summary>
    public int Total { get; private set; }

    /// <summary>The highest level ever announced: a correction takes points back, but a level is not reached twice.</summary>
    public int HighestLevel { get; private set; } = 1;

    /// <summary>How many ledger entries there are; the last one carries this number.</summary>
    public int Entries { get; private set; }

    /// <summary>How many of them the leaderboards know.</summary>
    public int PlacedEntries { get; private set; }

    public bool Registered { get; private set; }

    public int Lessons { get; private set; }

    public int Courses { get; private set; }

    public int Challenges { get; private set; }

    public int StreakCurrent { get; private set; }

    public int StreakLongest { get; private set; }

    public DateOnly? LastActiveDay { get; private set; }

    public List<EarnedBadge> Badges { get; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>The streak so far.</summary>
    public Streak Streak => new(StreakCurrent, StreakLongest, LastActiveDay);

    /// <summary>The days that count for the streak are only needed when the reward falls on another day than the last one.</summary>
    public bool NeedsDaysFor(Reward reward, DateTime now) => reward.Reason != LedgerReason.Correction && LastActiveDay != DayOf(reward, now);

    /// <summary>Decides what a reward brings: the ledger entry, the levels newly reached and the badges newly earned.</summary>
    /// <param name="reward">A fact that is not in the ledger yet.</param>
    /// <param name="earlierDays">The days of the ledger so far; may be empty unless <see cref="NeedsDaysFor"/>.</param>
    /// <param name="now">The time of the entry, UTC.</param>
    public Awarding Award(Reward reward, IEnumerable<DateOnly> earlierDays, DateTime now)
    {
        var day = DayOf(reward, now);
        Count(reward);
        if (NeedsDaysFor(reward, now))
            (StreakCurrent, StreakLongest, LastActiveDay) = Streak.Of(earlierDays.Append(day));
        Total = checked(Total + reward.Amount);
        Entries++;

        var levels = Enumerable.Range(HighestLevel + 1, Math.Max(0, Levels.Of(Total) - HighestLevel)).ToList();
        HighestLevel += levels.Count;

        var badges = BadgeCatalogue.All.Where(b => Badges.TrueForAll(has => has.Badge != b.Code) && b.IsEarned(this)).ToList();
        Badges.AddRange(badges.Select(b => new EarnedBadge { UserId = UserId, Badge = b.Code, EarnedAt = now }));

        var entry = new LedgerEntry
        {
            Id = DerivedId.Of(reward.EventId, "ledger", now),
            UserId = UserId,
            Ordinal = Entries,
            Amount = reward.Amount,
            Reason = reward.Reason,
            Source = reward.Source,
            EventId = reward.EventId,
            CourseId = reward.CourseId,
            Day = day,
            CreatedAt = now,
        };
        return new(entry, levels, badges);
    }

    /// <summary>Takes the name that the account was opened with.</summary>
    public void Name(string? name)
    {
        var trimmed = name?.Replace("\0", "").Trim();
        if (string.IsNullOrEmpty(trimmed))
            return;
        // Never half of a surrogate pair: it could not be stored.
        DisplayName = trimmed.Length <= MaxName ? trimmed : trimmed[..(char.IsHighSurrogate(trimmed[MaxName - 1]) ? MaxName - 1 : MaxName)];
    }

    /// <summary>Forgets the name.</summary>
    /// <returns>False when none was known.</returns>
    public bool Forget()
    {
        var known = DisplayName is not null;
        DisplayName = null;
        return known;
    }

    /// <summary>The leaderboards know everything that is in the ledger now.</summary>
    public void Placed() => PlacedEntries = Entries;

    // A clock that runs ahead, or a date left out, must give nobody tomorrow's streak or the week of the year 1.
    private static DateOnly DayOf(Reward reward, DateTime now) =>
        DateOnly.FromDateTime(reward.OccurredAt.Year < _firstYear || reward.OccurredAt > now ? now : reward.OccurredAt);

    private void Count(Reward reward)
    {
        switch (reward.Reason)
        {
            case LedgerReason.Registration:
                Registered = true;
                break;
            case LedgerReason.Lesson:
                Lessons++;
                break;
            case LedgerReason.Course:
                Courses++;
                break;
            case LedgerReason.Challenge:
                Challenges++;
                break;
            case LedgerReason.Correction:
                Challenges = Math.Max(0, Challenges + reward.SolvedChallenges);
                break;
        }
    }
}

/// <summary>What a reward brings.</summary>
/// <param name="Entry">The ledger entry.</param>
/// <param name="Levels">The levels newly reached, lowest first.</param>
/// <param name="Badges">The badges newly earned.</param>
public sealed record Awarding(LedgerEntry Entry, IReadOnlyList<int> Levels, IReadOnlyList<Badge> Badges);
