using TalentSphere.Jobs.Posts;

namespace TalentSphere.Jobs.Tests;

public sealed class SearchTermsTests
{
    [Theory]
    [InlineData("kuber", "kuber:*")]
    [InlineData("  Senior  C# dev", "Senior & Csharp & dev:*")]
    [InlineData("c++/.NET, Node.js", "cplusplus & dotnet & Node & js:*")]
    [InlineData("a & b | !c:*", "a & b & c:*")]
    [InlineData("'); drop table jobs;", "drop & table & jobs:*")]
    [InlineData("full-stack", "full & stack:*")]
    public void Words_are_letters_and_digits_and_the_last_may_be_unfinished(string typed, string unfinished) =>
        SearchTerms.Parse(typed)!.Unfinished.ShouldBe(unfinished);

    [Theory]
    [InlineData("\"site reliability\"")]
    [InlineData("engineer -java")]
    [InlineData("rust or go")]
    public void A_query_with_operators_is_taken_as_typed(string typed)
    {
        var terms = SearchTerms.Parse(typed)!;

        terms.Unfinished.ShouldBeEmpty();
        terms.Forgiven.ShouldBeEmpty();
        terms.WebSearch.ShouldBe(typed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\0\r\n ")]
    public void Nothing_readable_is_no_query(string? typed) => SearchTerms.Parse(typed).ShouldBeNull();

    [Fact]
    public void Swapped_letters_are_put_back() => SearchTerms.Spellings("pyhton").Split(" | ").ShouldContain("python");

    [Fact]
    public void A_very_long_word_has_no_other_spellings() => SearchTerms.Spellings(new string('x', 100) + new string('y', 100)).ShouldNotContain("|");
}
