using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.HotConfiguration;

/// <summary>A gateway that operators change while it runs, with settings in files of its own, and a second replica over the same database.</summary>
public sealed class OperatedGateway : GatewayFixture
{
    private readonly string _folder = Directory.CreateTempSubdirectory("talentsphere-gateway-").FullName;

    public OperatedGateway()
    {
        Settings["Usage:Interval"] = "00:00:00.2";
        Settings["Tenants:BaseDomain"] = "talentsphere.test";
        Settings["Tenants:Known:0"] = "acme";
    }

    public GatewayReplica Other { get; private set; } = null!;

    /// <summary>The first one's settings.</summary>
    public string SettingsFile => Path.Combine(_folder, "appsettings.json");

    public HttpClient Administrator { get; private set; } = null!;

    public Guid AdministratorId { get; } = Guid.CreateVersion7();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Other = new(RunsWith);
        await Other.StartAsync();
        Administrator = SignedIn(AdministratorId, "admin");
    }

    public override async ValueTask DisposeAsync()
    {
        await Other.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Another gateway on the same broker would take its events: there is one queue for all gateways.</summary>
    protected override async Task<TestServers> ServersAsync()
    {
        var broker = TestServers.StartAsync("rabbitmq");
        return await TestServers.GetAsync() with { RabbitMq = (await broker).RabbitMq };
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        File.Copy(Path.Combine(builder.GetSetting(WebHostDefaults.ContentRootKey)!, "appsettings.json"), SettingsFile, overwrite: true);
        base.ConfigureWebHost(builder);
        builder.UseContentRoot(_folder);
    }
}

/// <summary>Another replica of a gateway.</summary>
public sealed class GatewayReplica(IEnumerable<KeyValuePair<string, string?>> settings) : WebApplicationFactory<Program>
{
    public async Task StartAsync()
    {
        UseKestrel(0);
        StartServer();
        var client = Anonymous();
        await Eventually.SeesAsync(async () => (int)(await client.GetAsync("/ready")).StatusCode, s => s == 200, "the other gateway to be ready", TimeSpan.FromMinutes(3));
    }

    public HttpClient Anonymous() => new() { BaseAddress = ClientOptions.BaseAddress };

    public HttpClient SignedIn(Guid user, params string[] roles)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Mint(user, roles));
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in settings)
            builder.UseSetting(key, value);
    }
}

internal static class ConditionalRequests
{
    /// <summary>PUT or DELETE under <c>If-Match</c>.</summary>
    public static Task<Answer> SendIfMatchAsync(this HttpClient client, HttpMethod method, string path, string tag, object? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body, ApiJson.Options), Encoding.UTF8, "application/json");
        return client.ReadAsync(request);
    }

    public static string Tag(this Answer answer) => answer.Headers.ETag!.ToString();
}

[CollectionDefinition(OperatedGatewayCollection.Name)]
public sealed class OperatedGatewayCollection : ICollectionFixture<OperatedGateway>
{
    public const string Name = "Operated gateway";
}
