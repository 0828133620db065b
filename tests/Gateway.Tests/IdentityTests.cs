using System.Net;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>Who is calling: only the token says it.</summary>
public sealed class IdentityTests(GatewayFixture gateway)
{
    private static readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Identity_headers_of_a_caller_do_not_pass()
    {
        var seen = await AskWithAsync(gateway.Anonymous(), ("x-user-id", "1"), ("X-User-Roles", "admin"), ("X-USER-EMAIL", "a@b.example"), ("x-user-", "odd"));
        seen.Where(h => h.Key.StartsWith("x-user-", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_becomes_identity_headers_in_place_of_forged_ones()
    {
        var client = gateway.SignedIn(_user, "jobseeker", "employer");
        var seen = await AskWithAsync(client, ("x-user-id", Guid.CreateVersion7().ToString()), ("x-user-roles", "admin"));
        seen["x-user-id"]!.AsArray().Select(v => v!.GetValue<string>()).ShouldBe([_user.ToString()]);
        seen["x-user-roles"]!.AsArray().Select(v => v!.GetValue<string>()).ShouldBe(["jobseeker,employer"]);
        seen["authorization"]!.AsArray().Count.ShouldBe(1);
    }

    public static TheoryData<string, string> Forged => new(TestTokens.Forged(_user, "admin").Select(f => (f.Fault, f.Token)));

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task A_token_that_is_not_good_is_refused_also_where_none_is_needed(string fault, string token)
    {
        var answer = await gateway.WithToken(token).AskAsync("/api/v1/courses");
        answer.Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        answer.Code.ShouldBe(fault == "expired" ? "AUTH_002" : "AUTH_TOKEN_INVALID");
        answer.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        answer.Body.ShouldNotContain(token);
    }

    [Theory]
    [InlineData("register")]
    [InlineData("login")]
    [InlineData("refresh")]
    [InlineData("logout")]
    public async Task Signing_in_works_with_an_expired_token_at_hand(string action)
    {
        var expired = TestTokens.Mint(_user, ["jobseeker"], TimeSpan.FromMinutes(-10));
        var answer = await gateway.WithToken(expired).PostAsync($"/api/v1/auth/{action}", new { email = "a@b.example" });
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json["headers"]!["x-user-id"].ShouldBeNull();
    }

    [Fact]
    public async Task Key_set_and_discovery_come_from_auth_without_a_token()
    {
        foreach (var document in (string[])["jwks.json", "openid-configuration"])
            (await gateway.Anonymous().AskAsync($"/.well-known/{document}")).Json["service"]!.GetValue<string>().ShouldBe("auth");
        (await gateway.Anonymous().AskAsync("/.well-known/other.json")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Other_schemes_than_bearer_are_refused()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses") { Headers = { { "Authorization", "Basic dXNlcjpwYXNz" } } };
        (await gateway.Anonymous().ReadAsync(request)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<JsonObject> AskWithAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = await client.ReadAsync(request);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        return answer.Json["headers"]!.AsObject();
    }
}

/// <summary>While the keys cannot be read nothing is known of a token: that is not the caller's fault.</summary>
public sealed class KeylessTests(KeylessGatewayFixture gateway) : IClassFixture<KeylessGatewayFixture>
{
    [Fact]
    public async Task A_token_that_cannot_be_checked_is_503_and_the_rest_goes_on()
    {
        var answer = await gateway.SignedIn(Guid.CreateVersion7(), "jobseeker").AskAsync("/api/v1/courses");
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Code.ShouldBe("AUTH_UNAVAILABLE");
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
    }
}
