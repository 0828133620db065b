using TalentSphere.Cli.Machine;

namespace TalentSphere.Cli.Mesh;

/// <summary>Runs a publish step of the AppHost: nothing of the mesh is started.</summary>
public static class AppModel
{
    private const string _appHost = "AppHost";

    /// <summary>Builds the AppHost unless told not to, and runs one step.</summary>
    /// <param name="step">The step's name.</param>
    /// <param name="output">The directory that it writes to.</param>
    /// <param name="build">Whether to build first. What the build says goes to a log; progress goes to stderr, so that stdout is the step's.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <returns>The step's exit code.</returns>
    public static async Task<int> RunStepAsync(string step, string output, bool build, CancellationToken cancellationToken)
    {
        if (build)
        {
            await Console.Error.WriteLineAsync("Building the app model …");
            var log = Path.Combine(MeshPaths.Logs, "apphost-build.log");
            string[] arguments = ["build", $"{_appHost}/AppHost.csproj", "-c", "Release", "-v", "quiet", "-nologo", "-nodeReuse:false"];
            if (await Tool.RunToLogAsync(log, "dotnet", arguments, cancellationToken: cancellationToken) != 0)
                throw new MeshException($"the AppHost did not build; see {log}\n{Tool.Tail(log, 5)}");
        }
        return await Tool.RunHereAsync(
            "dotnet", [MeshPaths.Assembly(_appHost), "--operation", "publish", "--step", step, "--output-path", output], cancellationToken: cancellationToken);
    }
}
