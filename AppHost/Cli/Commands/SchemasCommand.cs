using System.CommandLine;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh schemas</c>: writes the schemas of the events anew.</summary>
public static class SchemasCommand
{
    private const string _generator = "tests/Schemas";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var noBuild = new Option<bool>("--no-build") { Description = "Run what was built last." };
        var command = new Command("schemas", "Write Contracts/schemas anew from the records and the consumers; refuses what would break a promise.") { noBuild };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // The generator reads the services' assemblies, so they are built with it.
            if (!parsed.GetValue(noBuild))
                await UpCommand.BuildAsync($"{_generator}/Schemas.csproj", aspire: false, cancellationToken);
            return await Tool.RunHereAsync("dotnet", [MeshPaths.Assembly(_generator), MeshPaths.Root], cancellationToken: cancellationToken);
        });
        return command;
    }
}
