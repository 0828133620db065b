using System.Net.Http.Json;

namespace TalentSphere.AppHost.Tests;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task A_service_learns_where_its_references_are_in_Aspires_variables()
    {
        var builder = LocalRun.Builder("--ConnectionStrings:cache", "cache:1,password=hidden");
        var cache = builder.AddConnectionString("cache");
        var lms = builder.AddFixture("lms").WithReplicas(2);
        var reader = builder.AddFixture("the-reader").WithReference(lms).WithReference(cache).WithReference(cache, connectionName: "other")
            .WithEnvironment("PLAIN", "text").WithEnvironment("COMPOSED", ReferenceExpression.Create($"<{lms.GetEndpoint("http")}/{{x}}>"));
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);

        using var http = new HttpClient();
        var url = await reader.GetEndpoint("http").GetValueAsync(LocalRun.Cancelled);
        var seen = (await http.GetFromJsonAsync<Dictionary<string, string>>(new Uri($"{url}/env"), LocalRun.Cancelled))!;

        seen["services__lms__http__0"].ShouldBe(await lms.GetEndpoint("http").GetValueAsync(LocalRun.Cancelled));
        seen["services__lms__http__1"].ShouldStartWith("http://127.0.0.1:");
        seen["services__lms__http__1"].ShouldNotBe(seen["services__lms__http__0"]);
        seen["LMS_HTTP"].ShouldBe(seen["services__lms__http__0"]);
        seen["ConnectionStrings__cache"].ShouldBe("cache:1,password=hidden");
        seen["ConnectionStrings__other"].ShouldBe("cache:1,password=hidden");
        seen["PLAIN"].ShouldBe("text");
        seen["COMPOSED"].ShouldBe($"<{seen["LMS_HTTP"]}/{{x}}>");
        seen["ASPNETCORE_URLS"].ShouldBe(url);
        seen["OTEL_SERVICE_NAME"].ShouldBe("the-reader");
        seen["OTEL_RESOURCE_ATTRIBUTES"].ShouldStartWith("service.instance.id=");
        seen.Keys.ShouldNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", "without a dashboard nobody listens");
    }

    [Fact]
    public async Task What_is_shown_of_an_environment_masks_whatever_holds_a_secret()
    {
        var builder = LocalRun.Builder();
        var password = builder.AddGeneratedSecret("password", 24);
        builder.AddFixture("service").WithEnvironment("SECRET", password).WithEnvironment("URL", ReferenceExpression.Create($"amqp://u:{password}@h"))
            .WithEnvironment("OPEN", "open");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);

        var shown = (await app.ResourceNotifications.WaitForResourceHealthyAsync("service", LocalRun.Cancelled)).Snapshot.EnvironmentVariables
            .ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        shown["OPEN"].ShouldBe("open");
        shown["SECRET"].ShouldBe("••••••••");
        shown["URL"].ShouldBe("••••••••");
        password.Resource.Value.Length.ShouldBe(24);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a--b")]
    [InlineData("a-")]
    [InlineData("a_b")]
    public void A_name_that_Aspire_would_refuse_is_refused(string name) =>
        Should.Throw<ArgumentException>(() => LocalRun.Builder().AddProject(name, "x.csproj"));

    [Fact]
    public void A_name_is_given_once()
    {
        var builder = LocalRun.Builder();
        builder.AddFixture("lms");
        Should.Throw<DistributedApplicationException>(() => builder.AddFixture("LMS")).Message.ShouldContain("already a resource");
    }
}
