using System.Runtime.CompilerServices;
using TalentSphere.TestKit;

namespace TalentSphere.AppHost.Tests;

/// <summary>Makes applications inside the test process, each on a state directory of its own that is gone afterwards.</summary>
internal static class LocalRun
{
    public static string Fixture { get; } = Path.Combine(SourceDirectory(), "Fixture", "Fixture.csproj");

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static IDistributedApplicationBuilder Builder(params string[] args) => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        Args = ["--Mesh:StateDirectory", NewState(), "--Mesh:Ephemeral", "true", "--Mesh:StartupTimeout", "60", .. args],
        DisableDashboard = !args.Contains("--Mesh:DashboardDirectory"),
    });

    /// <summary>A path that does not exist yet.</summary>
    public static string NewState() => Path.Combine(Path.GetTempPath(), $"mesh-test-{Guid.CreateVersion7():n}");

    /// <summary>The fixture's program as a service with an HTTP endpoint and a health check.</summary>
    public static IResourceBuilder<ProjectResource> AddFixture(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddProject(name, Fixture).WithHttpEndpoint(name: "http").WithHttpHealthCheck("/ready");

    /// <summary>Probes until <paramref name="probe"/> gives something; fails with what it last saw.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<(bool Done, T Seen)>> probe, int seconds = 30) =>
        (await Eventually.SeesAsync(probe, p => p.Done, "what the test expects", TimeSpan.FromSeconds(seconds))).Seen;

    private static string SourceDirectory([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
