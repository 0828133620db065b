using System.CommandLine;
using System.Globalization;
using TalentSphere.Cli.Backup;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh backup</c>: every database of the running mesh into files.</summary>
public static class BackupCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var output = new Option<string?>("--output", "-o") { Description = "The folder; by default one of its own under .mesh/backups." };
        var command = new Command("backup", "Dump every database of the running mesh, and the keys that they are sealed under.") { output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var mesh = await ControlClient.RequireAsync(cancellationToken);
            var begun = DateTime.UtcNow;
            var folder = BackupFolder.Create(parsed.GetValue(output)
                ?? Path.Combine(MeshPaths.State, "backups", begun.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)));
            var dumps = new List<DumpedDatabase>();
            foreach (var name in await DatabasesOfAsync(mesh, cancellationToken))
            {
                var dump = await folder.AddAsync(name, await mesh.ConnectionAsync(name, cancellationToken), cancellationToken);
                dumps.Add(dump);
                Console.WriteLine($"{name,-14} {dump.Bytes,12:N0} bytes");
            }
            await folder.CompleteAsync(new(begun, dumps), await BackupFolder.ParametersAsync(cancellationToken), cancellationToken);
            Console.WriteLine($"The backup is in {folder.FullPath}");
            return 0;
        });
        return command;
    }

    /// <summary>A service's database is the resource <c>{service}-db</c>.</summary>
    internal static async Task<IReadOnlyList<string>> DatabasesOfAsync(ControlClient mesh, CancellationToken cancellationToken)
    {
        const string suffix = "-db";
        return [.. (await mesh.StatusAsync(cancellationToken)).Resources.Select(r => r.Name).Where(n => n.EndsWith(suffix, StringComparison.Ordinal)).Select(n => n[..^suffix.Length])];
    }
}
