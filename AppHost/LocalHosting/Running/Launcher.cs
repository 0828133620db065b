using System.Reflection;
using System.Runtime.InteropServices;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>Decides what runs for a resource, and with which environment.</summary>
internal sealed class Launcher(MeshContext mesh, DistributedApplicationModel model, PortLeases ports)
{
    private static readonly string _configuration = typeof(Launcher).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";

    private static readonly string _dotNet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private readonly Dictionary<string, IServerProgram> _servers =
        new IServerProgram[] { new PostgresProgram(), new RedisProgram(), new RabbitMqProgram(ports) }.ToDictionary(p => p.Image, StringComparer.Ordinal);

    public bool IsAwaitedToComplete(IResource resource) => model.Resources.SelectMany(r => r.Annotations.OfType<WaitAnnotation>())
        .Any(w => w.WaitType == WaitType.WaitForCompletion && ReferenceEquals(w.Resource, resource));

    /// <exception cref="DistributedApplicationException">It cannot run here; the message says what is missing.</exception>
    public async Task<(LaunchSpec Spec, ProcessEnvironment Environment)> PrepareAsync(
        ProcessInstance instance, ResourceLog log, CancellationToken cancellationToken)
    {
        var environment = await ProcessEnvironment.ComposeAsync(instance.Resource, Defaults(instance), mesh.Execution, cancellationToken);
        var spec = instance.Resource switch
        {
            ProjectResource project => await ProjectAsync(project, cancellationToken),
            ExecutableResource executable => new LaunchSpec(
                executable.Command, await ProcessEnvironment.ArgumentsAsync(executable, cancellationToken), executable.WorkingDirectory),
            ContainerResource container => await ServerAsync(container, environment, log, cancellationToken),
            _ => throw new DistributedApplicationException($"Nothing is known to run for a {instance.Resource.GetType().Name}."),
        };
        return (instance.Resource is ContainerResource ? spec : spec with { Environment = environment.Values }, environment);
    }

    private static async Task<LaunchSpec> ProjectAsync(ProjectResource project, CancellationToken cancellationToken)
    {
        var file = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var directory = Path.GetDirectoryName(file)!;
        string In(string configuration) => Path.Combine(
            directory, "bin", configuration, $"net{Environment.Version.Major}.0", $"TalentSphere.{Path.GetFileNameWithoutExtension(file)}.dll");
        // Services are not built with the AppHost: what there is of them may be of the other configuration.
        var assembly = new[] { _configuration, "Release", "Debug" }.Select(In).FirstOrDefault(File.Exists);
        if (assembly is null)
            throw new DistributedApplicationException($"{In(_configuration)} is not built: run ./mesh up, or dotnet build -c {_configuration}.");
        return new(_dotNet, [assembly, .. await ProcessEnvironment.ArgumentsAsync(project, cancellationToken)], directory);
    }

    private async Task<LaunchSpec> ServerAsync(
        ContainerResource container, ProcessEnvironment environment, ResourceLog log, CancellationToken cancellationToken)
    {
        var image = container.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault()?.Image ?? "";
        if (!_servers.TryGetValue(image.Split('/')[^1], out var program))
        {
            throw new DistributedApplicationException(
                $"Only {string.Join(", ", _servers.Keys)} run here without a container engine, not '{image}': use Aspire's packages (UseAspirePackages).");
        }
        var port = container.Annotations.OfType<EndpointAnnotation>().First().Ports[0];
        var directory = mesh.State.For(container.Name);
        return await program.PrepareAsync(new(container.Name, directory, port, environment.Values, mesh.Settings.Ephemeral, log), cancellationToken);
    }

    private Dictionary<string, object> Defaults(ProcessInstance instance)
    {
        var variables = new Dictionary<string, object>(StringComparer.Ordinal);
        if (instance.Resource is not ProjectResource project)
            return variables;
        var http = project.Annotations.OfType<EndpointAnnotation>().Where(e => e.UriScheme is "http" or "https").ToList();
        if (http.Count > 0)
            variables["ASPNETCORE_URLS"] = string.Join(';', http.Select(e => e.UrlOf(instance.Replica)));
        variables["OTEL_SERVICE_NAME"] = project.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.InstanceId}";
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        foreach (var (name, value) in mesh.Dashboard?.TelemetryEnvironment() ?? [])
            variables[name] = value;
        return variables;
    }
}
