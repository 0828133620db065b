using TalentSphere.Challenges.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Challenges.Tests;

public sealed class DistributionTests
{
    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<ChallengesDbContext>().ShouldBeEmpty();
}
