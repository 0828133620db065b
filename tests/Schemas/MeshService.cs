using System.Reflection;
using System.Runtime.Loader;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Schemas;

/// <summary>A service and what it hears, read off its assembly.</summary>
/// <param name="Name">Its name in the mesh, which is also the domain of the events that it publishes.</param>
/// <param name="Consumers">Its consumers.</param>
/// <param name="Hears">The events that they handle, by routing key.</param>
public sealed record MeshService(string Name, IReadOnlyList<Type> Consumers, IReadOnlyList<EventTopic> Hears)
{
    /// <summary>Every service of a checkout, by name: what stands under <c>Services</c>, and the gateway, in the configuration that this program was built in.</summary>
    /// <exception cref="FileNotFoundException">A service is not built.</exception>
    public static IReadOnlyList<MeshService> In(string checkout) =>
    [
        .. Directory.GetDirectories(Path.Combine(checkout, "Services")).Append(Path.Combine(checkout, "Gateway"))
            .Where(folder => File.Exists(Path.Combine(folder, Path.GetFileName(folder) + ".csproj"))).OrderBy(Path.GetFileName, StringComparer.Ordinal).Select(Read),
    ];

    private static MeshService Read(string folder)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var project = Path.GetFileName(folder);
        var file = Path.Combine(folder, "bin", output.Parent!.Name, output.Name, $"TalentSphere.{project}.dll");
        if (!File.Exists(file))
            throw new FileNotFoundException($"{project} is not built: there is no {file}.", file);
        var consumers = Topology.ConsumersIn(Load(file));
        return new(project.ToLowerInvariant(), consumers, Topology.ConsumedBy(consumers));
    }

    /// <summary>
    /// What this program has itself, the contracts above all, is the service's too: else their types would not be the same. The rest is beside the service.
    /// </summary>
    private static Assembly Load(string file)
    {
        var beside = new AssemblyDependencyResolver(file);
        var context = new AssemblyLoadContext(Path.GetFileNameWithoutExtension(file));
        context.Resolving += (_, name) => beside.ResolveAssemblyToPath(name) is { } path ? context.LoadFromAssemblyPath(path) : null;
        return context.LoadFromAssemblyPath(file);
    }
}
