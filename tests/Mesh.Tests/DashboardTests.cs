using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;
using TalentSphere.TestKit;
using static Microsoft.Playwright.Assertions;

namespace TalentSphere.Mesh.Tests;

/// <summary>The dashboard as a person uses it: in a real browser.</summary>
public sealed partial class DashboardTests(MeshFixture mesh, BrowserFixture browser) : IClassFixture<BrowserFixture>
{
    private static readonly string[] _servers = ["postgres", "redis", "rabbitmq"];
    private static readonly string[] _services = ["auth", "challenges", "gamification", "gateway", "jobs", "judge", "lms", "notification"];
    private static readonly string[] _withoutDatabase = ["judge"];

    [Fact]
    public async Task The_resources_page_shows_every_resource_running_with_its_addresses()
    {
        await using var session = await OpenAsync("Resources");
        var page = session.Page;
        var status = await mesh.Command.StatusAsync();
        foreach (var name in (IEnumerable<string>)[.. _servers, .. _services])
        {
            await Expect(State(page, name)).ToHaveTextAsync(Running());
            var urls = status.Resources.Single(r => r.Name == name).Urls!;
            await Expect(Row(page, name).Locator("td[col-index='5']")).ToContainTextAsync(name == "gateway" ? "Gateway" : new Uri(urls[0]).Port.ToString());
        }
        await Expect(Row(page, "gateway").Locator("a[href]").First).ToHaveAttributeAsync("href", status.Mesh.GatewayUrl!);
        foreach (var database in _services.Except(_withoutDatabase))
            await Expect(State(page, $"{database}-db")).ToHaveTextAsync(Running());
        (await page.Locator(".resource-row[role=row]").CountAsync()).ShouldBe(_servers.Length + _services.Length + _services.Except(_withoutDatabase).Count());
    }

    [Fact]
    public async Task A_service_that_is_stopped_and_started_there_really_stops_and_starts()
    {
        await using var session = await OpenAsync("Stop and start");
        var page = session.Page;
        using var client = mesh.Anonymous();
        await Expect(State(page, "challenges")).ToHaveTextAsync(Running());
        var pid = (await ChallengesAsync()).Pid!.Value;

        await Row(page, "challenges").GetByTitle("Stop", new() { Exact = true }).ClickAsync();
        await Expect(State(page, "challenges")).ToContainTextAsync("Exited");
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z "), "the process to be gone");
        ((int)(await client.AskAsync("/api/v1/challenges")).Status).ShouldBe(503);
        (await ChallengesAsync()).State.ShouldBe("Exited", "what was stopped on purpose does not come back by itself");

        await Row(page, "challenges").GetByTitle("Start", new() { Exact = true }).ClickAsync();
        await Expect(State(page, "challenges")).ToHaveTextAsync(Running());
        await Eventually.SeesAsync(() => client.AskAsync("/api/v1/challenges"), a => (int)a.Status == 200, "the service to be back", TimeSpan.FromSeconds(30));
        (await ChallengesAsync()).Pid.ShouldNotBe(pid);

        async Task<ResourceStatus> ChallengesAsync() => (await mesh.Command.StatusAsync()).Resources.Single(r => r.Name == "challenges");
    }

    [Fact]
    public async Task Logs_traces_and_metrics_arrive()
    {
        var id = "dashboard-" + Guid.CreateVersion7().ToString("N");
        using var client = mesh.Anonymous();
        client.DefaultRequestHeaders.Add("x-correlation-id", id);
        (await client.AskAsync("/api/v1/courses")).Data.AsArray().Count.ShouldBe(3);

        await using var session = await OpenAsync("Telemetry");
        var page = session.Page;
        await GoAsync(page, "/consolelogs/resource/lms");
        await Expect(page.Locator("body")).ToContainTextAsync(id);
        await GoAsync(page, "/structuredlogs/resource/lms");
        await Expect(page.Locator("[role=row]").Filter(new() { HasText = "/api/v1/courses" }).First).ToBeVisibleAsync();
        await GoAsync(page, "/traces/resource/lms");
        await Expect(page.Locator("[role=row]").Filter(new() { HasText = "gateway: GET" }).First).ToBeVisibleAsync();
        await GoAsync(page, "/metrics/resource/lms?meter=Microsoft.AspNetCore.Hosting&instrument=http.server.request.duration");
        await Expect(page.Locator("body")).ToContainTextAsync("http.server.request.duration");
        await Expect(page.Locator(".plotly, .js-plotly-plot").First).ToBeVisibleAsync();
    }

    private static ILocator Row(IPage page, string resource) =>
        page.Locator(".resource-row[role=row]").Filter(new() { Has = page.Locator($".resource-name-text:text-is('{resource}')") });

    private static ILocator State(IPage page, string resource) => Row(page, resource).Locator(".state-column-cell");

    private static Task<IResponse?> GoAsync(IPage page, string path) => page.GotoAsync(new Uri(new Uri(page.Url), path).ToString());

    private async Task<Session> OpenAsync(string purpose)
    {
        var page = await browser.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1600, Height = 1100 } });
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync((await mesh.Command.StatusAsync()).Mesh.DashboardUrl!);
        return new(page, purpose);
    }

    /// <summary>A page; what it showed last is kept as a picture, also when the test fails.</summary>
    private sealed record Session(IPage Page, string Purpose) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(MeshFixture.Results, $"dashboard-{Purpose.ToLowerInvariant().Replace(' ', '-')}.png") });
            await Page.CloseAsync();
        }
    }

    // Behind it stands how many errors were logged: other tests of this mesh make some on purpose.
    [GeneratedRegex(@"^\s*Running\s*\d*\s*$")]
    private static partial Regex Running();
}

/// <summary>The Chromium that is here, headless.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Prerequisites.Browser[0].Find() ?? throw new InvalidOperationException("Chromium is missing: ./mesh test installs it."),
            // As root its sandbox does not start; the rest keeps it from asking for hosts of its maker's.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.CloseAsync();
        _playwright.Dispose();
    }
}
