using System.CommandLine;
using TalentSphere.Cli.Demo;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh demo</c>: a story over HTTP through the gateway, each step with what came of it.</summary>
public static class DemoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", "Tell the story of the platform against the running mesh; exit code 0 when every claim held.");
        command.SetAction((_, cancellationToken) => RunAsync(cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var mesh = await ControlClient.RequireAsync(cancellationToken);
        var status = await mesh.StatusAsync(cancellationToken);
        var gateway = new Uri(status.Mesh.GatewayUrl ?? throw new MeshException("the gateway has no address yet; ./mesh status tells how it goes"));
        async Task<StoryCredentials> SeededAsync(string role, CancellationToken ct) =>
            new($"{role}@talentsphere.example", await mesh.ParameterAsync("seed-password", ct));
        var story = new Story(gateway, SeededAsync, new ConsoleTeller());
        try
        {
            Print(await story.TellAsync(cancellationToken), status);
            return 0;
        }
        catch (StoryException e)
        {
            var where = e.CorrelationId is { } id ? $" (grep {id} {Path.Combine(MeshPaths.Logs, "*.log")})" : "";
            throw new MeshException($"the story did not hold. {e.Message}{where}");
        }
    }

    private static void Print(StoryResult result, MeshStatus status)
    {
        Console.WriteLine();
        Console.WriteLine($"Every claim held: {result.Steps.Count} steps in {result.Elapsed.TotalSeconds:0.0} s.");
        Console.WriteLine();
        Console.WriteLine("Where to look");
        Console.WriteLine($"  API docs   {status.Mesh.DocsUrl}");
        if (status.Mesh.DashboardUrl is { } dashboard)
        {
            Console.WriteLine($"  Dashboard  {dashboard}");
            Console.WriteLine("  Traces, once signed in there");
            foreach (var step in result.Steps)
                Console.WriteLine($"    {step.Name,-46} {new Uri(new Uri(dashboard), "/traces/detail/" + step.TraceId)}");
        }
        Console.WriteLine($"  One step in every service's log: grep {result.Steps[^1].CorrelationId} {Path.Combine(MeshPaths.Logs, "*.log")}");
    }
}
