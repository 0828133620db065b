using System.CommandLine;
using Spectre.Console;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh status</c>: every resource on a line.</summary>
public static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        var command = new Command("status", "Every resource: state, health, process, address, uptime, memory.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var mesh = await ControlClient.RequireAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(await mesh.StatusTextAsync(cancellationToken));
                return 0;
            }
            var status = await mesh.StatusAsync(cancellationToken);
            Print(status);
            await WorkerNotice.PrintAsync(status, wait: false, cancellationToken);
            MeshUrls.Print(status);
            return 0;
        });
        return command;
    }

    private static void Print(MeshStatus status)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("NAME", "STATE", "HEALTH", "PID", "ADDRESS", "UPTIME", "MEMORY", "RESTARTS");
        foreach (var r in status.Resources.Where(r => r.Type is not "Parameter"))
        {
            table.AddRow(
                Markup.Escape(r.Name), r.State, r.Health ?? "", r.Pid?.ToString() ?? "", Markup.Escape(r.Urls is [var url, ..] ? url : ""),
                r.UptimeSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Floor(seconds)).ToString() : "",
                r.MemoryBytes is { } bytes ? $"{bytes / 1048576} MB" : "", r.Restarts > 0 ? r.Restarts.ToString() : "");
        }
        // A pipe has no width: lines are not to be broken for it.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 160);
        AnsiConsole.Write(table);
        foreach (var r in status.Resources.Where(r => r.LastError is not null))
            Console.WriteLine($"{r.Name}: {r.LastError} ({r.LogPath})");
    }
}

/// <summary>The addresses that people want.</summary>
internal static class MeshUrls
{
    public static void Print(MeshStatus status)
    {
        Console.WriteLine();
        Console.WriteLine($"Gateway    {status.Mesh.GatewayUrl}");
        if (status.Mesh.GatewayUrl?.StartsWith("https:", StringComparison.Ordinal) == true)
            Console.WriteLine($"  trust it with  curl --cacert {GatewayHttp.CertificatePath}");
        Console.WriteLine($"API docs   {status.Mesh.DocsUrl}");
        Console.WriteLine($"Dashboard  {status.Mesh.DashboardUrl ?? "not running (./mesh logs apphost says why, or what ./mesh up printed)"}");
    }
}
