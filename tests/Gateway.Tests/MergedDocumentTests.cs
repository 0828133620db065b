using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>One API document out of many.</summary>
public sealed class MergedDocumentTests(GatewayFixture gateway)
{
    [Fact]
    public async Task The_documents_of_all_services_become_one()
    {
        var document = await ReadAsync();
        document["openapi"]!.GetValue<string>().ShouldStartWith("3.1");
        var paths = document["paths"]!.AsObject().Select(p => p.Key).ToList();
        paths.Where(p => !p.StartsWith("/api/v1/admin/gateway/", StringComparison.Ordinal)).ShouldBe(
            [
                "/api/v1/auth", "/api/v1/gamification", "/api/v1/jobs", "/api/v1/courses", "/api/v1/notification",
                "/api/v1/batch", "/api/v1/flags", "/api/v1/status", "/api/v2/status",
            ], ignoreOrder: true);
        paths.ShouldContain("/api/v1/admin/gateway/flags/{key}");
        document["components"]!["securitySchemes"]!["bearer"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Two_schemas_of_one_name_are_kept_apart_and_equal_ones_are_one()
    {
        var document = await ReadAsync();
        var schemas = document["components"]!["schemas"]!.AsObject();
        var names = schemas.Select(s => s.Key).ToList();
        names.ShouldBeUnique();
        names.Intersect(["View", "Failure", "LmsView", "JobsView", "LmsFailure", "JobsFailure"]).ShouldBe(["View", "Failure", "LmsView"], ignoreOrder: true);
        PropertyBehind(document, "/api/v1/jobs").ShouldBe("salary");
        PropertyBehind(document, "/api/v1/courses").ShouldBe("lessons");
    }

    [Fact]
    public async Task A_service_that_is_away_is_named() =>
        (await ReadAsync())["x-unavailable"]!.AsArray().Select(s => s!.GetValue<string>()).ShouldBe(["challenges"]);

    [Fact]
    public async Task Tags_come_once() =>
        (await ReadAsync())["tags"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()).ShouldBeUnique();

    private static string PropertyBehind(JsonNode document, string path)
    {
        var reference = document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]!.GetValue<string>();
        return document["components"]!["schemas"]![reference.Split('/')[^1]]!["properties"]!.AsObject().Single().Key;
    }

    private async Task<JsonNode> ReadAsync() => (await gateway.Anonymous().AskAsync("/api/openapi.json")).Json;
}
