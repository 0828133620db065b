using System.CommandLine;
using System.Diagnostics;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh down</c>: an ordered stop that leaves nothing behind.</summary>
public static class DownCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("down", "Stop the running mesh; no process and no port is left.");
        command.SetAction(async (_, cancellationToken) =>
        {
            using var mesh = await ControlClient.FindAsync(cancellationToken);
            if (mesh is null)
            {
                Console.WriteLine("No mesh is running here.");
                return 0;
            }
            var pid = (await mesh.StatusAsync(cancellationToken)).Mesh.Pid;
            Console.WriteLine("Stopping the mesh …");
            await mesh.ShutdownAsync(cancellationToken);
            await WaitForEndAsync(pid, TimeSpan.FromSeconds(60), cancellationToken);
            Console.WriteLine("The mesh is down.");
            return 0;
        });
        return command;
    }

    internal static async Task WaitForEndAsync(int pid, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (Lives(pid))
        {
            if (watch.Elapsed > patience)
                throw new MeshException($"the AppHost (process {pid}) is still there after {patience.TotalSeconds:0} s; see {Path.Combine(MeshPaths.Logs, "apphost.log")}");
            await Task.Delay(50, cancellationToken);
        }
    }

    private static bool Lives(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It ended, if need be between the opening and the reading.
            return false;
        }
    }
}
