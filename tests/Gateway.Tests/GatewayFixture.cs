using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.Gateway.Tests;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(GatewayFixture))]

namespace TalentSphere.Gateway.Tests;

/// <summary>
/// The gateway on a port of its own in front of real upstreams: <c>lms</c> (patience of a second), <c>jobs</c>, and one for the rest;
/// <c>challenges</c> is away.
/// </summary>
public class GatewayFixture() : TestService<Program>("gateway")
{
    public const string ListedOrigin = "https://app.talentsphere.example";

    private readonly List<Upstream> _upstreams = [];
    private readonly LogLines _log = new();

    /// <summary>Everything that the gateway logged.</summary>
    public IEnumerable<string> Log => _log.Lines;

    /// <summary>What it runs with, for another replica of it.</summary>
    public IEnumerable<KeyValuePair<string, string?>> RunsWith => Settings;

    public override async ValueTask InitializeAsync()
    {
        await ServeAsync("lms", Document("/api/v1/courses", "CourseView", new JsonObject { ["View"] = Schema("lessons"), ["Failure"] = Schema("error") }));
        await ServeAsync("jobs", Document("/api/v1/jobs", "JobView", new JsonObject { ["View"] = Schema("salary"), ["Failure"] = Schema("error") }));
        foreach (var name in (string[])["auth", "gamification", "notification"])
            await ServeAsync(name, Document($"/api/v1/{name}", "Other", []));
        Settings["services:challenges:http:0"] = $"http://127.0.0.1:{UnusedPort()}";
        Settings["ReverseProxy:Clusters:lms:HttpRequest:ActivityTimeout"] = "00:00:01";
        Settings["Cors:Origins:0"] = ListedOrigin;
        Settings["Auth:KeySetAddress"] = await KeySetAddressAsync();
        await base.InitializeAsync();
    }

    /// <summary>A client that takes what it gets: no redirects, no decompression.</summary>
    public new HttpClient Anonymous() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        BaseAddress = Address,
    };

    public new HttpClient SignedIn(Guid userId, params string[] roles) => WithToken(TestTokens.Mint(userId, roles));

    public HttpClient WithToken(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var upstream in _upstreams)
            await upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual Task<string> KeySetAddressAsync() => TestTokens.KeySetAddressAsync();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureLogging(logging => logging.AddProvider(_log));
    }

    /// <summary>A port that nobody listens on.</summary>
    protected static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ServeAsync(string name, JsonObject document)
    {
        var upstream = await Upstream.StartAsync(name, document);
        _upstreams.Add(upstream);
        Settings[$"services:{name}:http:0"] = upstream.Address;
    }

    private static JsonObject Schema(string property) =>
        new() { ["type"] = "object", ["properties"] = new JsonObject { [property] = new JsonObject { ["type"] = "string" } } };

    private static JsonObject Document(string path, string tag, JsonObject schemas) => new()
    {
        ["openapi"] = "3.1.1",
        ["paths"] = new JsonObject
        {
            [path] = new JsonObject
            {
                ["get"] = new JsonObject
                {
                    ["tags"] = new JsonArray(tag),
                    ["responses"] = new JsonObject
                    {
                        ["200"] = new JsonObject
                        {
                            ["content"] = new JsonObject
                            {
                                ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/View" } },
                            },
                        },
                    },
                },
            },
        },
        ["components"] = new JsonObject
        {
            ["schemas"] = schemas,
            ["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
        },
        ["tags"] = new JsonArray(new JsonObject { ["name"] = tag }),
    };

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
            // Lines outlive the server that wrote them: tests read them.
        }
    }
}

/// <summary>A gateway that cannot read the keys.</summary>
public sealed class KeylessGatewayFixture : GatewayFixture
{
    protected override Task<string> KeySetAddressAsync() => Task.FromResult($"http://127.0.0.1:{UnusedPort()}/.well-known/jwks.json");
}
