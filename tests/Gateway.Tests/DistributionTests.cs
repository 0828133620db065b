using TalentSphere.Gateway.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

public sealed class DistributionTests
{
    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<GatewayDbContext>().ShouldBeEmpty();
}
