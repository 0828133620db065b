using System.Net;
using TalentSphere.Gateway.Edge.Limits;

namespace TalentSphere.Gateway.Tests.Limits;

/// <summary>Who counts as one caller, and how many are remembered.</summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("0.0.0.1", "::1", false)]
    public void An_IPv4_address_counts_whole_and_an_IPv6_address_by_its_network(string one, string other, bool same) =>
        (CallerKey.Of(IPAddress.Parse(one)) == CallerKey.Of(IPAddress.Parse(other))).ShouldBe(same);

    [Fact]
    public async Task A_flood_of_callers_does_not_grow_memory_and_who_keeps_coming_is_not_forgotten()
    {
        await using var replicas = await LimitReplicas.StartAsync(1, null, "window", new() { Permits = 5, Window = TimeSpan.FromMinutes(1) }, new HandClock());
        var opened = 0;
        var one = replicas.Policies[0].Quotas.Find(1);
        var table = new QuotaTable(1000, _ =>
        {
            opened++;
            return one;
        });
        table.Find(0);
        for (var caller = 1u; caller <= 1_000_000; caller++)
        {
            table.Find(caller);
            if (caller % 500 == 0)
                table.Find(0);
        }
        table.Count.ShouldBeLessThanOrEqualTo(2000);
        opened.ShouldBe(1_000_001);
    }

    [Fact]
    public void Everything_that_is_wrong_with_the_options_is_named_at_once()
    {
        var options = new LimitOptions
        {
            Policies =
            {
                ["user"] = new() { Permits = 0, Window = TimeSpan.Zero, Burst = 0, By = LimitBy.Address },
                ["Odd Name"] = new() { Permits = 1, Window = TimeSpan.FromDays(2) },
            },
        };
        new LimitOptionsValidator().Validate(null, options).Failures.ShouldNotBeNull().Count().ShouldBe(7);
    }
}
