namespace TalentSphere.AppHost.LocalHosting;

/// <summary>Where and as what a server is to run. <see cref="Environment"/> is what its container image would be given.</summary>
internal sealed record ServerRequest(
    string Name, string Directory, int Port, IReadOnlyDictionary<string, string> Environment, bool Ephemeral, ResourceLog Log)
{
    public string Required(string variable) => Environment.TryGetValue(variable, out var value) && value.Length > 0
        ? value
        : throw new DistributedApplicationException($"{Name} needs {variable}.");
}

/// <summary>The distribution's own program in place of a container image.</summary>
internal interface IServerProgram
{
    /// <summary>The image's name, without registry and tag.</summary>
    string Image { get; }

    /// <summary>Makes the data directory and configuration when needed, and says what to run.</summary>
    /// <exception cref="DistributedApplicationException">The program is not installed.</exception>
    Task<LaunchSpec> PrepareAsync(ServerRequest request, CancellationToken cancellationToken);
}

internal static class Programs
{
    /// <summary>The full path of a program in PATH or, for an unprivileged PATH, in /usr/sbin or /usr/local/bin.</summary>
    public static string Find(string program, string package, params string[] firstLookIn)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return firstLookIn.Concat(path).Concat(["/usr/bin", "/usr/sbin", "/usr/local/bin"]).Select(d => Path.Combine(d, program))
            .FirstOrDefault(file => File.Exists(file) && File.ResolveLinkTarget(file, returnFinalTarget: true) is null or { Exists: true })
            ?? throw new DistributedApplicationException($"{program} is not installed: install the package {package} (./mesh up does).");
    }
}
