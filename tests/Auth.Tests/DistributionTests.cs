using TalentSphere.Auth.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class DistributionTests
{
    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<AuthDbContext>().ShouldBeEmpty();
}
