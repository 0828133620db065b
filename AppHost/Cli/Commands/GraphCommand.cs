using System.CommandLine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh graph</c>: who depends on whom.</summary>
public static class GraphCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "For programs: nodes, edges, cycles, start order." };
        var noBuild = new Option<bool>("--no-build") { Description = "Use what was built last." };
        var command = new Command("graph", "Print who calls whom and who hears what, as Mermaid, with cycles and the start order.") { json, noBuild };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = Directory.CreateTempSubdirectory("mesh-graph-");
            try
            {
                var exitCode = await AppModel.RunStepAsync("mesh-graph", folder.FullName, !parsed.GetValue(noBuild), cancellationToken);
                if (exitCode == 0)
                    Console.Write(await File.ReadAllTextAsync(Path.Combine(folder.FullName, parsed.GetValue(json) ? "graph.json" : "graph.mmd"), cancellationToken));
                return exitCode;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }
}
