using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A part of the application: a project, a server, a value. Named uniquely, described by its annotations.</summary>
    public interface IResource
    {
        string Name { get; }

        ResourceAnnotationCollection Annotations { get; }
    }

    /// <summary>A fact about a resource.</summary>
    public interface IResourceAnnotation;

    /// <summary>The facts about a resource, in the order in which they were added.</summary>
    public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

    /// <summary>All resources of an application.</summary>
    public interface IResourceCollection : IList<IResource>;

    /// <summary>A resource that takes environment variables.</summary>
    public interface IResourceWithEnvironment : IResource;

    /// <summary>A resource that takes command line arguments.</summary>
    public interface IResourceWithArgs : IResource;

    /// <summary>A resource that listens.</summary>
    public interface IResourceWithEndpoints : IResource;

    /// <summary>A resource that can wait for others.</summary>
    public interface IResourceWithWaitSupport : IResource;

    /// <summary>A resource that a cluster can probe.</summary>
    public interface IResourceWithProbes : IResource;

    /// <summary>A resource that runs somewhere.</summary>
    public interface IComputeResource : IResource;

    /// <summary>A resource that lives and stops with another.</summary>
    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    /// <inheritdoc cref="IResourceWithParent"/>
    public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    /// <summary>A resource that others connect to by a connection string.</summary>
    public interface IResourceWithConnectionString : IResource, IExpressionValue
    {
        ReferenceExpression ConnectionStringExpression { get; }

        string? ConnectionStringEnvironmentVariable => null;

        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            ConnectionStringExpression.GetValueAsync(cancellationToken);

        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];
    }

    /// <summary>A named resource with its annotations.</summary>
    public abstract class Resource(string name) : IResource
    {
        public virtual string Name { get; } = ResourceName.Checked(name);

        public virtual ResourceAnnotationCollection Annotations { get; } = [];
    }

    /// <summary>A container. LocalHosting runs the distribution's own program for the images it knows.</summary>
    public class ContainerResource(string name, string? entrypoint = null) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
    {
        public string? Entrypoint { get; set; } = entrypoint;
    }

    /// <summary>A program on this machine.</summary>
    public class ExecutableResource(string name, string command, string workingDirectory) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource
    {
        public string Command { get; } = command;

        public string WorkingDirectory { get; } = workingDirectory;
    }

    /// <summary>A .NET project of this repository.</summary>
    public class ProjectResource(string name) : Resource(name),
        IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource;

    /// <summary>A connection string that is composed of other values, or given by configuration.</summary>
    public class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression) : Resource(name),
        IResourceWithConnectionString, IResourceWithWaitSupport
    {
        public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
    }

    internal static class ResourceName
    {
        /// <summary>1 to 64 letters, digits and single hyphens, a letter first, no hyphen last.</summary>
        public static string Checked(string name)
        {
            var fits = name.Length is >= 1 and <= 64 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
                && !name.EndsWith('-') && !name.Contains("--", StringComparison.Ordinal);
            return fits
                ? name
                : throw new ArgumentException($"'{name}' is no resource name: 1 to 64 letters, digits and single hyphens, a letter first.", nameof(name));
        }
    }
}

namespace Aspire.Hosting
{
    /// <summary>A resource that others find by name: <c>services__{name}__{scheme}__{n}</c>.</summary>
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    /// <summary>Where a project's file is.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }
    }

    /// <summary>What of a project's own launch settings counts. LocalHosting reads none of them.</summary>
    public class ProjectResourceOptions
    {
        public string? LaunchProfileName { get; set; }

        public bool ExcludeLaunchProfile { get; set; }

        public bool ExcludeKestrelEndpoints { get; set; }
    }
}
