using System.CommandLine;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.Cli.Backup;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh restore</c>: a backup in the place of what the running mesh holds.</summary>
public static class RestoreCommand
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var backup = new Argument<string>("folder") { Description = "The folder that ./mesh backup made." };
        var yes = new Option<bool>("--yes") { Description = "What the mesh holds now may go." };
        var command = new Command("restore", "Put a backup in the place of every database of the running mesh; what came after it is lost.") { backup, yes };
        command.SetAction((parsed, cancellationToken) => RestoreAsync(parsed.GetRequiredValue(backup), parsed.GetValue(yes), cancellationToken));
        return command;
    }

    private static async Task<int> RestoreAsync(string path, bool yes, CancellationToken cancellationToken)
    {
        using var mesh = await ControlClient.RequireAsync(cancellationToken);
        // Before anything is stopped: whether it is one, whether it is whole, and whether it is this mesh's.
        var (folder, content) = await BackupFolder.OpenAsync(path, cancellationToken);
        var databases = await BackupCommand.DatabasesOfAsync(mesh, cancellationToken);
        if (databases.Except(content.Databases.Select(d => d.Name)).FirstOrDefault() is { } missing)
            throw new MeshException($"the backup has no database '{missing}', which this mesh has");
        if (!yes)
            throw new MeshException($"everything since {content.TakenAt:u} will be lost; say --yes if that is meant");
        var services = (await mesh.StatusAsync(cancellationToken)).Resources.Where(r => databases.Contains(r.Name)).Select(r => r.Name).Distinct().ToList();
        var administrator = await mesh.ConnectionAsync("postgres", cancellationToken);

        Console.WriteLine("Stopping the services …");
        await Task.WhenAll(services.Select(s => mesh.CommandAsync(s, "stop", cancellationToken)));
        // First, so that no database is ever there whose key is not; whatever breaks off below is mended by doing it all again.
        var keysMoved = await TakeUpKeysAsync(folder, cancellationToken);
        foreach (var dump in content.Databases.Where(d => databases.Contains(d.Name)))
        {
            await DatabaseDump.ReadAsync(administrator, await mesh.ConnectionAsync(dump.Name, cancellationToken), folder.In(dump.File), cancellationToken);
            Console.WriteLine($"{dump.Name,-14} {dump.Bytes,12:N0} bytes");
        }
        // What was under way, and what was counted, belongs to the time after the backup.
        await PurgeAsync(await mesh.ConnectionAsync("rabbitmq", cancellationToken), services, cancellationToken);
        await mesh.CommandAsync("redis", "restart", cancellationToken);

        if (keysMoved)
        {
            Console.WriteLine("The backup is another mesh's, and its keys are this one's now: ./mesh down and ./mesh up take them up.");
            return 0;
        }
        Console.WriteLine("Starting the services …");
        await Task.WhenAll(services.Select(s => mesh.CommandAsync(s, "start", cancellationToken)));
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(_patience);
        while (!(await mesh.StatusAsync(late.Token)).Mesh.Healthy)
            await Task.Delay(TimeSpan.FromMilliseconds(250), late.Token);
        Console.WriteLine($"The mesh is as it was at {content.TakenAt:u}.");
        return 0;
    }

    /// <returns>True when this mesh had others.</returns>
    private static async Task<bool> TakeUpKeysAsync(BackupFolder folder, CancellationToken cancellationToken)
    {
        var parameters = await BackupFolder.ParametersAsync(cancellationToken);
        var keys = await folder.KeysAsync(cancellationToken);
        if (keys.All(k => parameters.GetValueOrDefault(k.Key) == k.Value))
            return false;
        foreach (var (name, value) in keys)
            parameters[name] = value;
        await BackupFolder.WriteParametersAsync(parameters, cancellationToken);
        return true;
    }

    private static async Task PurgeAsync(string address, IEnumerable<string> services, CancellationToken cancellationToken)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync(cancellationToken);
        foreach (var service in services)
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            try
            {
                await channel.QueuePurgeAsync(service + ".events", cancellationToken);
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                // A mesh so new that the service has not made its queue yet.
            }
        }
    }
}
