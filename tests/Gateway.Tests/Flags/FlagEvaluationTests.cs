using TalentSphere.Gateway.Edge.Flags;

namespace TalentSphere.Gateway.Tests.Flags;

/// <summary>Who has a flag, and which variant; decided without anything outside.</summary>
public sealed class FlagEvaluationTests
{
    [Fact]
    public void Who_is_given_back_goes_to_nobody_else_while_the_control_group_has_room()
    {
        IReadOnlyList<FlagVariant> Allocate(int red, int blue, IReadOnlyList<FlagVariant> held) =>
            VariantAllocation.Allocate([new() { Name = "red", Weight = red }, new() { Name = "blue", Weight = blue }], held);
        static HashSet<int> Of(IReadOnlyList<FlagVariant> variants, string name) =>
            [.. variants.Single(v => v.Name == name).Buckets.SelectMany(r => Enumerable.Range(r.From, r.To - r.From))];
        var before = Allocate(50, 20, []);
        var after = Allocate(30, 40, before);
        Of(after, "red").IsSubsetOf(Of(before, "red")).ShouldBeTrue();
        Of(after, "blue").IsSupersetOf(Of(before, "blue")).ShouldBeTrue();
        Of(after, "blue").Overlaps(Of(before, "red")).ShouldBeFalse();
        // With nobody left in it, some have to move.
        Of(Allocate(0, 100, before), "blue").Count.ShouldBe(Buckets.Count);
    }

    private const string _here = "Production";

    private static readonly Guid[] _people = [.. Enumerable.Range(0, 20_000).Select(_ => Guid.CreateVersion7())];

    [Fact]
    public void A_roll_out_that_grows_takes_the_flag_from_nobody()
    {
        var had = new HashSet<Guid>();
        foreach (var percent in (decimal[])[0, 0.01m, 1, 5, 12.5m, 50, 99.99m, 100])
        {
            var has = WhoHas(Flag() with { Percent = percent });
            has.IsSupersetOf(had).ShouldBeTrue($"at {percent} percent");
            // Six standard deviations of a fair draw.
            ((double)has.Count / _people.Length).ShouldBe((double)percent / 100, 6 * Math.Sqrt(0.25 / _people.Length));
            had = has;
        }
        had.Count.ShouldBe(_people.Length);
    }

    [Fact]
    public void A_roll_out_that_shrinks_leaves_it_with_some_of_those_who_had_it() =>
        WhoHas(Flag() with { Percent = 10 }).IsProperSubsetOf(WhoHas(Flag() with { Percent = 20 })).ShouldBeTrue();

    [Fact]
    public void Flags_do_not_all_begin_with_the_same_people()
    {
        var both = WhoHas(Flag("one") with { Percent = 10 }).Intersect(WhoHas(Flag("two") with { Percent = 10 })).Count();
        ((double)both / _people.Length).ShouldBe(0.01, 0.006);
    }

    [Fact]
    public void The_hash_is_the_same_on_every_replica_and_after_every_restart()
    {
        // SHA-256 of the key, NUL, the purpose and the subject, the first eight bytes big-endian, modulo 10,000: computed elsewhere.
        Buckets.OfRollout("new-search", "0198c5c6-3a50-7cc1-bd5e-000000000001").ShouldBe(3872);
        Buckets.OfVariant("new-search", "0198c5c6-3a50-7cc1-bd5e-000000000001").ShouldBe(5378);
    }

    [Fact]
    public void Nobody_has_a_flag_whose_switch_is_off()
    {
        var flag = Flag() with { Enabled = false, Percent = 100, Rules = [new() { Roles = ["admin"] }] };
        FlagEvaluation.Evaluate(flag, FlagSubject.SignedIn(_people[0], ["admin"], null), _here).ShouldBe(new(false, FlagReason.Disabled));
    }

    [Fact]
    public void A_flag_acts_in_its_environments_only()
    {
        var flag = Flag() with { Percent = 100, Environments = ["staging"] };
        FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous(null, null), _here).ShouldBe(new(false, FlagReason.Environment));
        FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous(null, null), "Staging").On.ShouldBeTrue();
    }

    [Fact]
    public void A_flag_that_does_not_exist_is_off() =>
        FlagEvaluation.Evaluate(null, FlagSubject.Anonymous("phone", null), _here).ShouldBe(new(false, FlagReason.Unknown));

    [Fact]
    public void The_first_rule_that_names_the_caller_decides()
    {
        var (beta, banned) = (_people[0], _people[1]);
        var flag = Flag() with
        {
            Percent = 0,
            Rules = [new() { Users = [banned], On = false }, new() { Roles = ["employer"], Tenants = ["acme"] }, new() { Users = [beta, banned] }],
        };
        Decide(flag, banned, "employer", "acme").ShouldBe(new(false, FlagReason.Rule, 0));
        Decide(flag, _people[2], "employer", "acme").Rule.ShouldBe(1);
        Decide(flag, _people[2], "employer", null).ShouldBe(new(false, FlagReason.Percentage, Bucket: Buckets.OfRollout(flag.Key, _people[2].ToString())));
        Decide(flag, _people[2], "jobseeker", "acme").On.ShouldBeFalse();
        Decide(flag, beta, "jobseeker", null).Rule.ShouldBe(2);
    }

    [Fact]
    public void A_rule_can_roll_out_by_percentage_too()
    {
        var flag = Flag() with { Percent = 0, Rules = [new() { Roles = ["employer"], Percent = 30 }] };
        var has = _people.Count(p => Decide(flag, p, "employer", null).On);
        ((double)has / _people.Length).ShouldBe(0.3, 0.02);
        _people.ShouldAllBe(p => !Decide(flag, p, "jobseeker", null).On);
    }

    [Fact]
    public void An_anonymous_client_is_shared_out_by_the_id_it_gives_itself()
    {
        var flag = Flag() with { Percent = 50 };
        var answers = Enumerable.Range(0, 200).Select(i => FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous($"device-{i}", null), _here)).ToList();
        answers.Select(a => a.On).Distinct().Count().ShouldBe(2);
        answers.ShouldBe(Enumerable.Range(0, 200).Select(i => FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous($"device-{i}", null), _here)));
        FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous(null, null), _here).ShouldBe(new(false, FlagReason.NoIdentity));
        FlagEvaluation.Evaluate(flag with { Percent = 100 }, FlagSubject.Anonymous(null, null), _here).On.ShouldBeTrue();
    }

    [Fact]
    public void A_client_does_not_get_an_accounts_place_by_naming_it()
    {
        var flag = Flag() with { Percent = 100, Rules = [new() { Users = [_people[0]], On = false }] };
        FlagEvaluation.Evaluate(flag, FlagSubject.Anonymous(_people[0].ToString(), null), _here).On.ShouldBeTrue();
        FlagSubject.Anonymous(_people[0].ToString(), null).Identity.ShouldNotBe(FlagSubject.SignedIn(_people[0], [], null).Identity);
    }

    [Fact]
    public void A_variant_that_grows_takes_from_the_control_group_only()
    {
        var before = Shared(("red", 20), ("blue", 30));
        var after = Shared(before, ("red", 45), ("blue", 30));
        foreach (var person in _people)
        {
            var (was, now) = (VariantOf(before, person), VariantOf(after, person));
            if (was is not null)
                now.ShouldBe(was);
        }
        Share(before, "red").ShouldBe(0.2, 0.02);
        Share(after, "red").ShouldBe(0.45, 0.02);
        Share(after, "blue").ShouldBe(0.3, 0.02);
        Share(after, null).ShouldBe(0.25, 0.02);
    }

    [Fact]
    public void A_variant_that_shrinks_or_goes_gives_its_people_to_the_control_group_only()
    {
        var before = Shared(("red", 40), ("blue", 30), ("green", 20));
        var after = Shared(before, ("blue", 30), ("red", 15));
        foreach (var person in _people)
        {
            var (was, now) = (VariantOf(before, person), VariantOf(after, person));
            if (now != was)
            {
                now.ShouldBeNull();
                was.ShouldBeOneOf("red", "green");
            }
        }
        Share(after, "red").ShouldBe(0.15, 0.02);
        // And it may grow again into what is free.
        Share(Shared(after, ("blue", 30), ("red", 70)), "red").ShouldBe(0.7, 0.02);
    }

    [Fact]
    public void A_growing_roll_out_changes_nobodys_variant()
    {
        var narrow = Shared(("red", 50), ("blue", 50)) with { Percent = 10 };
        var wide = narrow with { Percent = 60 };
        foreach (var person in WhoHas(narrow))
            VariantOf(wide, person).ShouldBe(VariantOf(narrow, person));
        WhoHas(wide).Select(p => VariantOf(wide, p)).Distinct().Order().ShouldBe(["blue", "red"]);
    }

    [Fact]
    public void A_rule_may_name_the_variant()
    {
        var flag = Shared(("red", 50), ("blue", 50)) with { Rules = [new() { Roles = ["instructor"], Variant = "blue" }] };
        _people.Take(100).ShouldAllBe(p => Decide(flag, p, "instructor", null).Variant!.Name == "blue");
    }

    private static FeatureFlag Flag(string key = "new-search") => new() { Key = key, Enabled = true, Percent = 100 };

    private static FlagDecision Decide(FeatureFlag flag, Guid person, string role, string? tenant) =>
        FlagEvaluation.Evaluate(flag, FlagSubject.SignedIn(person, [role], tenant), _here);

    private static HashSet<Guid> WhoHas(FeatureFlag flag) => [.. _people.Where(p => Decide(flag, p, "jobseeker", null).On)];

    private static FeatureFlag Shared(params (string Name, decimal Weight)[] variants) => Shared(Flag(), variants);

    private static FeatureFlag Shared(FeatureFlag before, params (string Name, decimal Weight)[] variants) => before with
    {
        Variants = VariantAllocation.Allocate([.. variants.Select(v => new FlagVariant { Name = v.Name, Weight = v.Weight })], before.Variants),
    };

    private static string? VariantOf(FeatureFlag flag, Guid person) => Decide(flag, person, "jobseeker", null).Variant?.Name;

    private static double Share(FeatureFlag flag, string? variant) => (double)_people.Count(p => VariantOf(flag, p) == variant) / _people.Length;
}
