using System.Text.Json.Nodes;

namespace TalentSphere.Gateway.Tests;

public sealed class TraceTests(GatewayFixture gateway)
{
    [Fact]
    public async Task The_trace_of_a_caller_goes_on_behind_the_gateway_though_nobody_collects_spans()
    {
        using var client = gateway.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/jobs/7");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await client.SendAsync(request);
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["headers"]!;
        var traceparent = (string)seen["traceparent"]![0]!;
        traceparent.ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        traceparent.ShouldNotContain("b7ad6b7169203331");
    }

    [Fact]
    public async Task What_is_no_trace_is_not_passed_on()
    {
        using var client = gateway.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/jobs/7");
        request.Headers.TryAddWithoutValidation("traceparent", "nonsense");
        using var response = await client.SendAsync(request);
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["headers"]!;
        ((string?)seen["traceparent"]?[0]).ShouldNotBe("nonsense");
    }
}
