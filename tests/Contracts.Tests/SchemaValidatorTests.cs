using System.Text.Json.Nodes;
using TalentSphere.Schemas;

namespace TalentSphere.Contracts.Tests;

/// <summary>The validator says no, for every word that it understands; and refuses those that it does not.</summary>
public sealed class SchemaValidatorTests
{
    /// <summary>A word of the schemas, with what it allows and what it does not.</summary>
    public static TheoryData<string, string, string[], string[]> Words => new()
    {
        { "type", """{"type":"object"}""", ["{}", """{"a":1}"""], ["[]", "null", "1", "\"a\""] },
        { "type", """{"type":"array"}""", ["[]", "[1]"], ["{}", "null"] },
        { "type", """{"type":"string"}""", ["\"\"", "\"a\""], ["1", "null", "true", "[\"a\"]"] },
        { "type", """{"type":"integer"}""", ["0", "-7", "4.0", "1e3"], ["1.5", "\"1\"", "null", "true"] },
        { "type", """{"type":"number"}""", ["0", "1.5", "-1e-3"], ["\"1\"", "null"] },
        { "type", """{"type":"boolean"}""", ["true", "false"], ["0", "\"true\"", "null"] },
        { "type", """{"type":"null"}""", ["null"], ["0", "\"\"", "{}"] },
        { "type", """{"type":["string","null"]}""", ["\"a\"", "null"], ["1", "{}"] },
        { "required", """{"required":["a","b"]}""", ["""{"a":1,"b":null}""", "[]"], ["{}", """{"a":1}"""] },
        { "properties", """{"properties":{"a":{"type":"string"}}}""", ["""{"a":"x"}""", "{}", """{"b":1}"""], ["""{"a":1}""", """{"a":null}"""] },
        { "properties", """{"properties":{"a":true}}""", ["""{"a":1}"""], [] },
        { "properties", """{"properties":{"a":{"properties":{"b":{"type":"string"}}}}}""", ["""{"a":{"b":"x"}}"""], ["""{"a":{"b":1}}"""] },
        { "additionalProperties", """{"properties":{"a":true},"additionalProperties":false}""", ["""{"a":1}""", "{}"], ["""{"a":1,"b":2}"""] },
        { "additionalProperties", """{"additionalProperties":true}""", ["""{"a":1}"""], [] },
        { "additionalProperties", """{"properties":{"a":true},"additionalProperties":{"type":"integer"}}""", ["""{"a":"x","b":1}"""], ["""{"b":"x"}"""] },
        { "items", """{"items":{"type":"string"}}""", ["[]", """["a","b"]""", "{}"], ["[1]", """["a",null]"""] },
        { "enum", """{"enum":["dark-red","blue"]}""", ["\"blue\""], ["\"Blue\"", "\"\"", "null", "1"] },
        { "enum", """{"type":["string","null"],"enum":["blue",null]}""", ["\"blue\"", "null"], ["\"red\""] },
        {
            "format", """{"format":"uuid"}""", ["\"01980000-0000-7000-8000-000000000001\"", "1"],
            ["\"01980000000070008000000000000001\"", "\"x\"", "\"{01980000-0000-7000-8000-000000000001}\""]
        },
        {
            "format", """{"format":"date-time"}""", ["\"2026-11-20T09:30:00Z\"", "\"2026-11-20T09:30:00.123Z\"", "\"2026-11-20T09:30:00.1234567+01:00\""],
            ["\"2026-11-20\"", "\"2026-11-20T09:30:00\"", "\"2026-13-20T09:30:00Z\"", "\"2026-11-20 09:30:00Z\"", "\"now\""]
        },
        { "format", """{"format":"date"}""", ["\"2026-11-20\""], ["\"2026-02-30\"", "\"20.11.2026\""] },
        { "format", """{"format":"uri"}""", ["\"https://talentsphere.example/a\""], ["\"not one\""] },
        { "format", """{"format":"int32"}""", ["2147483647", "-2147483648", "\"a\""], ["2147483648", "1.5"] },
        { "format", """{"format":"int64"}""", ["9223372036854775807", "2147483648"], ["9223372036854775808", "0.5"] },
        { "format", """{"format":"double"}""", ["1.5", "1"], [] },
        { "pattern", """{"pattern":"^[a-z]+$"}""", ["\"abc\"", "1"], ["\"aBc\"", "\"\""] },
        { "pattern", """{"pattern":"b"}""", ["\"abc\""], ["\"ac\""] },
        { "minLength", """{"minLength":2}""", ["\"ab\"", "1"], ["\"a\"", "\"😀\""] },
        { "maxLength", """{"maxLength":2}""", ["\"ab\"", "\"😀😀\"", "123"], ["\"abc\""] },
        { "minimum", """{"minimum":1}""", ["1", "1.5", "\"0\""], ["0", "0.99", "-3"] },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void A_word_lets_pass_what_it_allows_and_nothing_else(string word, string schema, string[] allowed, string[] refused)
    {
        Keywords.Assertions.ShouldContain(word);
        foreach (var value in allowed)
            SchemaValidator.Validate(JsonNode.Parse(schema), JsonNode.Parse(value)).ShouldBeEmpty($"{value} against {schema}");
        foreach (var value in refused)
            SchemaValidator.Validate(JsonNode.Parse(schema), JsonNode.Parse(value)).ShouldNotBeEmpty($"{value} against {schema}");
    }

    [Fact]
    public void Every_word_has_its_case() => Words.Select(w => w.Data.Item1).Distinct().ShouldBe(Keywords.Assertions, ignoreOrder: true);

    [Fact]
    public void Everything_that_is_wrong_is_told_with_its_place()
    {
        var schema = JsonNode.Parse(
            """
            {
              "type": "object",
              "required": ["id", "tags"],
              "properties": {
                "id": { "type": "string", "format": "uuid" },
                "at": { "properties": { "n": { "type": "integer" } } },
                "tags": { "items": { "type": "string" } }
              }
            }
            """);

        SchemaValidator.Validate(schema, JsonNode.Parse("""{"id":"x","at":{"n":"1"},"tags":["a",2]}""")).ShouldBe(
            ["/id is \"x\" and no uuid", "/at/n is \"1\" and not of type integer", "/tags/1 is 2 and not of type string"]);
        SchemaValidator.Validate(schema, JsonNode.Parse("{}")).ShouldBe(["the value lacks id", "the value lacks tags"]);
    }

    [Theory]
    [InlineData("""{"oneOf":[{"type":"string"}]}""")]
    [InlineData("""{"properties":{"a":{"const":1}}}""")]
    [InlineData("""{"items":{"$ref":"#/a"}}""")]
    [InlineData("""{"additionalProperties":{"maximum":1}}""")]
    [InlineData("""{"format":"ipv4"}""")]
    [InlineData("""{"type":"text"}""")]
    public void A_word_that_it_does_not_know_is_refused_and_not_passed_over(string schema) =>
        Should.Throw<NotSupportedException>(() => SchemaValidator.Validate(JsonNode.Parse(schema), "a"));

    [Fact]
    public void What_only_tells_constrains_nothing()
    {
        var schema = JsonNode.Parse("""{"$schema":"s","$id":"i","$comment":"c","title":"t","description":"d","default":1,"x-personal":true}""");

        SchemaValidator.Validate(schema, "a").ShouldBeEmpty();
    }
}
