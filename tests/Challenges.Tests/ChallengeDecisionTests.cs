using TalentSphere.Challenges.Catalogue;

namespace TalentSphere.Challenges.Tests;

public class ChallengeDecisionTests
{
    private static readonly DateTime _now = new(2026, 11, 20, 9, 30, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(Difficulty.Easy, 50)]
    [InlineData(Difficulty.Medium, 100)]
    [InlineData(Difficulty.Hard, 200)]
    public void A_difficulty_is_worth_its_points(Difficulty difficulty, int points) => difficulty.Points().ShouldBe(points);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(2, 0, false)]
    [InlineData(0, 2, false)]
    [InlineData(1, 1, true)]
    public void A_challenge_is_published_only_with_a_sample_and_a_hidden_test(int samples, int hidden, bool published)
    {
        var challenge = With(samples, hidden);
        challenge.Publish(_now).ShouldBe(published);
        challenge.PublishedAt.ShouldBe(published ? _now : null);
    }

    [Fact]
    public void Publishing_again_changes_nothing()
    {
        var challenge = With(1, 1);
        challenge.Publish(_now);
        challenge.Publish(_now.AddDays(1)).ShouldBeTrue();
        challenge.PublishedAt.ShouldBe(_now);
    }

    [Fact]
    public void A_published_challenge_without_its_last_hidden_test_is_broken_and_a_draft_is_not()
    {
        var challenge = With(1, 1);
        challenge.TestCases.RemoveAll(t => !t.Sample);
        challenge.IsBroken.ShouldBeFalse();
        challenge = With(1, 1);
        challenge.Publish(_now);
        challenge.TestCases.RemoveAll(t => !t.Sample);
        challenge.IsBroken.ShouldBeTrue();
    }

    [Fact]
    public void The_next_ordinal_follows_the_highest()
    {
        With(0, 0).NextOrdinal.ShouldBe(1);
        With(2, 3).NextOrdinal.ShouldBe(6);
    }

    private static Challenge With(int samples, int hidden)
    {
        var challenge = new Challenge { Id = Guid.CreateVersion7(), Title = "Add", Statement = "Add." };
        for (var i = 1; i <= samples + hidden; i++)
            challenge.TestCases.Add(new TestCase { Id = Guid.CreateVersion7(), Ordinal = i, Sample = i <= samples, Input = "", ExpectedOutput = "" });
        return challenge;
    }
}
