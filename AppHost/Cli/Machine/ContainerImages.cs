using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Machine;

/// <summary>Builds the images of every project that has one, by the SDK's own container support: no engine, no daemon, no Dockerfile.</summary>
public static class ContainerImages
{
    /// <summary>Builds them one after the other into <c>artifacts/images</c>.</summary>
    /// <returns>0 when every one of them was built.</returns>
    /// <exception cref="MeshException">One could not be; the message says which and why.</exception>
    public static async Task<int> BuildAsync(CancellationToken cancellationToken)
    {
        var target = Directory.CreateDirectory(Path.Combine(MeshPaths.Root, "artifacts", "images")).FullName;
        var projects = Directory.EnumerateFiles(Path.Combine(MeshPaths.Root, "Services"), "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(MeshPaths.Root, "Gateway", "Gateway.csproj")).Order(StringComparer.Ordinal);
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project).ToLowerInvariant();
            var archive = Path.Combine(target, $"{name}.tar.gz");
            Console.Write($"{name,-14} ");
            var log = Path.Combine(MeshPaths.Logs, $"image-{name}.log");
            await RequireBaseAsync(name, project, cancellationToken);
            var (parts, digest) = PartsList.Write(project, target);
            string[] arguments =
            [
                "publish", project, "-c", "Release", "-v", "minimal", "-nologo", "-nodeReuse:false", "-t:PublishContainer",
                $"-p:ContainerArchiveOutputPath={archive}", $"-p:SbomFile={parts}", $"-p:SbomDigest={digest}",
            ];
            if (await Tool.RunToLogAsync(log, "dotnet", arguments, cancellationToken: cancellationToken) != 0)
            {
                Console.WriteLine("failed");
                throw new MeshException(Why(name, log));
            }
            Console.WriteLine($"{new FileInfo(archive).Length / 1048576.0:0.0} MiB  {Path.GetRelativePath(MeshPaths.Root, archive)}");
        }
        return 0;
    }

    /// <summary>The SDK tries for minutes to reach a registry that is not there: asking first takes seconds.</summary>
    private static async Task RequireBaseAsync(string name, string project, CancellationToken cancellationToken)
    {
        var image = await BaseOfAsync(project, cancellationToken);
        var registry = image.Split('/')[0];
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var scheme = registry.StartsWith("localhost:", StringComparison.Ordinal) ? "http" : "https";
        try
        {
            // Any answer will do, also that one must sign in first.
            using var answer = await http.GetAsync(new Uri($"{scheme}://{registry}/v2/"), cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Console.WriteLine("failed");
            throw new MeshException($"the image of {name} cannot be built here: its base {image} has to be pulled, and {registry} cannot be reached");
        }
    }

    private static async Task<string> BaseOfAsync(string project, CancellationToken cancellationToken)
    {
        string[] arguments = ["msbuild", project, "-nologo", "-getProperty:ContainerBaseImage"];
        using var process = Tool.Start("dotnet", arguments, redirect: true);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var image = (await process.StandardOutput.ReadToEndAsync(cancellationToken)).Trim();
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 && image.Contains('/', StringComparison.Ordinal) ? image
            : throw new MeshException($"{project} names no base image: {image} {await errors}");
    }

    private static string Why(string name, string log)
    {
        // CONTAINER1xxx: the registry was there and refused.
        var refused = File.ReadLines(log).FirstOrDefault(l => l.Contains("error CONTAINER", StringComparison.Ordinal));
        return refused is null
            ? $"the image of {name} was not built; see {log}"
            : $"the image of {name} was not built: {refused[(refused.IndexOf("error ", StringComparison.Ordinal) + 6)..].Split(" [")[0].Trim()}";
    }
}
