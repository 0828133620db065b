using System.CommandLine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh connection</c>: how to reach a resource of the local mesh with one's own client.</summary>
public static class ConnectionCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "rabbitmq, redis, postgres, or a service for its database." };
        var command = new Command("connection", "The connection string or address of a resource.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var mesh = await ControlClient.RequireAsync(cancellationToken);
            Console.WriteLine(await mesh.ConnectionAsync(parsed.GetRequiredValue(name), cancellationToken));
            return 0;
        });
        return command;
    }
}
