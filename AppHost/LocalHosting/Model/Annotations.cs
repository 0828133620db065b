using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Whether a new annotation stands beside others of its type or instead of them.</summary>
    public enum ResourceAnnotationMutationBehavior
    {
        Append,
        Replace,
    }

    /// <summary>The image of a container.</summary>
    public sealed class ContainerImageAnnotation : IResourceAnnotation
    {
        public string? Registry { get; set; }

        public required string Image { get; set; }

        public string? Tag { get; set; }

        public string? SHA256 { get; set; }
    }

    public enum ContainerMountType
    {
        BindMount,
        Volume,
    }

    /// <summary>A volume or directory of a container.</summary>
    public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
    {
        public string? Source { get; } = source;

        public string Target { get; } = target;

        public ContainerMountType Type { get; } = type;

        public bool IsReadOnly { get; } = isReadOnly;
    }

    /// <summary>What an environment callback sees and fills: names and values (text, parameters, endpoints, expressions).</summary>
    public class EnvironmentCallbackContext(
        DistributedApplicationExecutionContext executionContext, IResource resource, Dictionary<string, object>? environmentVariables = null,
        CancellationToken cancellationToken = default)
    {
        public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

        public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

        public IResource Resource { get; } = resource;

        public ILogger Logger { get; set; } = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public CancellationToken CancellationToken { get; } = cancellationToken;
    }

    /// <summary>Adds environment variables when the resource starts.</summary>
    public class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
    {
        public Func<EnvironmentCallbackContext, Task> Callback { get; } = callback;
    }

    /// <summary>What an argument callback sees and fills.</summary>
    public class CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
    {
        public IList<object> Args { get; } = args;

        public CancellationToken CancellationToken { get; } = cancellationToken;
    }

    /// <summary>Adds command line arguments when the resource starts.</summary>
    public class CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) : IResourceAnnotation
    {
        public Func<CommandLineArgsCallbackContext, Task> Callback { get; } = callback;
    }

    /// <summary>How many processes of a project run side by side.</summary>
    public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
    {
        public int Replicas { get; } = replicas;
    }

    /// <summary>A health check, by the key under which it is registered.</summary>
    public class HealthCheckAnnotation(string key) : IResourceAnnotation
    {
        public string Key { get; } = key;
    }

    public enum ProbeType
    {
        Startup,
        Readiness,
        Liveness,
    }

    /// <summary>How a cluster probes the resource. Times in seconds.</summary>
    public abstract class ProbeAnnotation : IResourceAnnotation
    {
        public required ProbeType Type { get; init; }

        public int InitialDelaySeconds { get; init; }

        public int PeriodSeconds { get; init; }

        public int TimeoutSeconds { get; init; }

        public int FailureThreshold { get; init; }

        public int SuccessThreshold { get; init; }
    }

    /// <summary>A probe over HTTP.</summary>
    public sealed class EndpointProbeAnnotation : ProbeAnnotation
    {
        public required EndpointReference EndpointReference { get; init; }

        public required string Path { get; init; }
    }

    public enum WaitType
    {
        WaitUntilHealthy,
        WaitForCompletion,
        WaitUntilStarted,
    }

    /// <summary>What must be there before this resource starts.</summary>
    public class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
    {
        public IResource Resource { get; } = resource;

        public WaitType WaitType { get; } = waitType;

        public int ExitCode { get; } = exitCode;
    }

    /// <summary>A line between two resources in the dashboard's graph: <c>Reference</c>, <c>WaitFor</c>, <c>Parent</c>.</summary>
    public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
    {
        public IResource Resource { get; } = resource;

        public string Type { get; } = type;
    }

    /// <summary>A link to the resource, for people.</summary>
    public sealed class ResourceUrlAnnotation : IResourceAnnotation
    {
        public required string Url { get; set; }

        public string? DisplayText { get; set; }

        public EndpointReference? Endpoint { get; init; }

        /// <summary>Higher comes first.</summary>
        public int? DisplayOrder;
    }

    /// <summary>The icon of the resource in the dashboard (Fluent icon name).</summary>
    public sealed class ResourceIconAnnotation(string iconName) : IResourceAnnotation
    {
        public string IconName { get; } = iconName;
    }
}

namespace TalentSphere.AppHost.LocalHosting
{
    internal sealed class ProjectPathAnnotation(string projectPath) : Aspire.Hosting.IProjectMetadata
    {
        public string ProjectPath { get; } = projectPath;
    }

    /// <summary>An HTTP health check, made against each replica's own port.</summary>
    internal sealed class HttpHealthCheckAnnotation(string key, string endpointName, string path, int statusCode) : HealthCheckAnnotation(key)
    {
        public string EndpointName { get; } = endpointName;

        public string Path { get; } = path;

        public int StatusCode { get; } = statusCode;
    }

    /// <summary>Under which name a consumer knows a connection string.</summary>
    internal sealed class ConnectionReferenceAnnotation(string connectionName, IResourceWithConnectionString source) : IResourceAnnotation
    {
        public string ConnectionName { get; } = connectionName;

        public IResourceWithConnectionString Source { get; } = source;
    }

    /// <summary>Which endpoints of another resource a consumer is told: one (by name) or all.</summary>
    internal sealed class EndpointUrlAnnotation(string endpointName, Func<EndpointReference, ResourceUrlAnnotation?> make) : IResourceAnnotation
    {
        public string EndpointName { get; } = endpointName;

        public Func<EndpointReference, ResourceUrlAnnotation?> Make { get; } = make;
    }
}
