using System.CommandLine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh logs</c>: a resource's output.</summary>
public static class LogsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "A resource, or apphost, or build." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on printing as it comes." };
        var lines = new Option<int>("--lines", "-n") { Description = "How many of the last lines.", DefaultValueFactory = _ => 200 };
        var command = new Command("logs", "A resource's output.") { name, follow, lines };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.Combine(MeshPaths.Logs, Path.GetFileName(parsed.GetRequiredValue(name)) + ".log");
            var asked = Path.GetFileNameWithoutExtension(path);
            // A log of that very name may be left from a run without replicas.
            var replicas = Enumerable.Range(1, 16).Select(n => Path.Combine(MeshPaths.Logs, $"{asked}-{n}.log"))
                .Where(p => File.Exists(p) && (!File.Exists(path) || File.GetLastWriteTimeUtc(p) > File.GetLastWriteTimeUtc(path)))
                .Select(Path.GetFileNameWithoutExtension).ToList();
            if (replicas.Count > 0)
                throw new MeshException($"'{asked}' runs {replicas.Count} times, each with a log of its own: {string.Join(", ", replicas)}");
            if (!File.Exists(path))
            {
                var known = Directory.GetFiles(MeshPaths.Logs, "*.log").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);
                throw new MeshException($"there is no log of '{parsed.GetValue(name)}'; there is: {string.Join(", ", known)}");
            }
            foreach (var line in File.ReadLines(path).TakeLast(parsed.GetValue(lines)))
                Console.WriteLine(line);
            if (parsed.GetValue(follow))
                await FollowAsync(path, cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task FollowAsync(string path, CancellationToken cancellationToken)
    {
        var position = new FileInfo(path).Length;
        while (true)
        {
            await Task.Delay(200, cancellationToken);
            var length = new FileInfo(path).Length;
            if (length == position)
                continue;
            // Shorter than before: the log was rotated.
            if (length < position)
                position = 0;
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = position;
            using var reader = new StreamReader(file);
            Console.Write(await reader.ReadToEndAsync(cancellationToken));
            position = file.Position;
        }
    }
}
