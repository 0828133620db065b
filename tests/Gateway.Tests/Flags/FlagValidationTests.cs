using System.Text.Json;
using TalentSphere.Gateway.Edge.Flags;

namespace TalentSphere.Gateway.Tests.Flags;

/// <summary>What a flag may look like.</summary>
public sealed class FlagValidationTests
{
    [Fact]
    public void Everything_that_is_wrong_is_named_at_once()
    {
        var (flag, faults) = FlagValidation.Read("New Search", new(
            Enabled: null, Description: new string('x', 501), Percent: 100.01m, Environments: ["Production", " "],
            Rules: [null, new(), new(Roles: ["a\0b"], Users: ["me"], Percent: -1, Variant: "green")],
            Variants: [new("red", 60), new("red", 60.001m), new("Blue", null), null]), null);
        flag.ShouldBeNull();
        faults.Select(f => f.Field).Order(StringComparer.Ordinal).ShouldBe(
        [
            "description", "enabled", "environments[1]", "key", "percent", "rules[0]", "rules[1]", "rules[2].percent", "rules[2].roles[0]", "rules[2].users[0]",
            "rules[2].variant", "variants", "variants[1].name", "variants[1].weight", "variants[2].name", "variants[2].weight", "variants[3]",
        ]);
    }

    [Fact]
    public void Weights_beyond_all_numbers_are_faults_like_others()
    {
        var (_, faults) = FlagValidation.Read("x", new(true, Variants: [new("red", decimal.MaxValue), new("blue", decimal.MaxValue)]), null);
        faults.Select(f => f.Field).Order(StringComparer.Ordinal).ShouldBe(["variants", "variants[0].weight", "variants[1].weight"]);
    }

    [Fact]
    public void Lists_have_an_end()
    {
        var (_, faults) = FlagValidation.Read("x", new(
            true,
            Environments: [.. Enumerable.Repeat("a", 101)],
            Rules: [.. Enumerable.Repeat(new TargetingRuleRequest(Users: [.. Enumerable.Repeat(Guid.Empty.ToString(), 1001)]), 51)],
            Variants: [.. Enumerable.Range(0, 21).Select(i => new FlagVariantRequest($"v{i}", 1, JsonSerializer.SerializeToElement(new string('x', 5000))))]), null);
        faults.Select(f => f.Field).Intersect(["environments", "rules", "rules[0].users", "variants", "variants[0].value"]).Count().ShouldBe(5);
    }

    [Fact]
    public void What_is_left_out_is_on_for_everybody_everywhere()
    {
        var (flag, faults) = FlagValidation.Read("dark_mode", new(true), null);
        faults.ShouldBeEmpty();
        flag!.ShouldSatisfyAllConditions(f => f.Percent.ShouldBe(100), f => f.Environments.ShouldBeEmpty(), f => f.Rules.ShouldBeEmpty(), f => f.ClientVisible.ShouldBeTrue());
    }

    [Fact]
    public void Variants_keep_their_buckets_when_the_flag_is_written_again()
    {
        var (before, _) = FlagValidation.Read("x", new(true, Variants: [new("red", 10), new("blue", 10)]), null);
        var (after, _) = FlagValidation.Read("x", new(true, Variants: [new("blue", 20), new("red", 10)]), before);
        before!.Variants[0].Buckets.ShouldBe([new(0, 1000)]);
        after!.Variants[1].Buckets.ShouldBe([new(0, 1000)]);
        after.Variants[0].Buckets.ShouldBe([new(1000, 3000)]);
    }
}
