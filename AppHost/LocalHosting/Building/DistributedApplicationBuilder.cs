using System.Collections.ObjectModel;
using System.Reflection;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TalentSphere.AppHost.LocalHosting;

namespace Aspire.Hosting
{
    /// <summary>How an application is made. <see cref="Args"/> become configuration: <c>--key value</c>.</summary>
    public sealed class DistributedApplicationOptions
    {
        public string[]? Args { get; set; }

        public bool DisableDashboard { get; set; }

        /// <summary>The directory that project paths are relative to; by default the AppHost's own.</summary>
        public string? ProjectDirectory { get; set; }
    }

    public enum DistributedApplicationOperation
    {
        Run,
        Publish,
    }

    /// <summary>Whether the application is run, or described for deployment.</summary>
    public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName = "manifest")
    {
        public DistributedApplicationOperation Operation { get; } = operation;

        public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

        public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

        public string PublisherName { get; set; } = publisherName;
    }

    /// <summary>Collects the resources of an application.</summary>
    public interface IDistributedApplicationBuilder
    {
        ConfigurationManager Configuration { get; }

        string AppHostDirectory { get; }

        Assembly? AppHostAssembly { get; }

        IHostEnvironment Environment { get; }

        IServiceCollection Services { get; }

        IDistributedApplicationEventing Eventing { get; }

        DistributedApplicationExecutionContext ExecutionContext { get; }

        IResourceCollection Resources { get; }

        /// <summary>What <c>--operation publish</c> runs, instead of the application.</summary>
        IDistributedApplicationPipeline Pipeline { get; }

        IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

        IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

        DistributedApplication Build();
    }

    internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
    {
        private static readonly Dictionary<string, string> _switches = new(StringComparer.Ordinal)
        {
            ["--operation"] = "AppHost:Operation",
            ["--publisher"] = "Publishing:Publisher",
            ["--output-path"] = "Pipeline:OutputPath",
            ["--step"] = "Pipeline:Step",
            ["--log-level"] = "Pipeline:LogLevel",
        };

        private readonly HostApplicationBuilder _host;

        public DistributedApplicationBuilder(DistributedApplicationOptions options)
        {
            AppHostDirectory = Path.GetFullPath(options.ProjectDirectory ?? FindAppHostDirectory());
            var configuration = new ConfigurationManager();
            configuration.AddJsonFile(Path.Combine(AppHostDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
            configuration.AddEnvironmentVariables();
            configuration.AddCommandLine(options.Args ?? [], _switches);
            _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
            {
                DisableDefaults = true,
                Configuration = configuration,
                ContentRootPath = AppHostDirectory,
                EnvironmentName = configuration["ASPNETCORE_ENVIRONMENT"] ?? configuration["DOTNET_ENVIRONMENT"] ?? Environments.Development,
            });
            var publish = string.Equals(configuration["AppHost:Operation"], "publish", StringComparison.OrdinalIgnoreCase);
            ExecutionContext = new(publish ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run);
            Settings = MeshSettings.From(configuration, AppHostDirectory, options.DisableDashboard);
            Parameters = new ParameterStore(Settings.StateDirectory);

            Services.AddSingleton(ExecutionContext);
            Services.AddSingleton(Settings);
            Services.AddSingleton(Eventing);
            Services.AddSingleton(Resources);
            Services.AddSingleton(new DistributedApplicationModel(Resources));
            Services.AddSingleton<ResourceNotificationService>();
            Services.AddSingleton<ResourceLoggerService>();
            Services.AddSingleton(TimeProvider.System);
            Services.AddSingleton<IPipelineOutputService, PipelineOutput>();
            Services.AddSingleton((Pipeline)Pipeline);
            Services.AddSingleton<PublishRun>();
            Services.AddSingleton<HealthProbe>();
            Services.AddSingleton<Orchestrator>();
            Services.AddHealthChecks();
        }

        public ConfigurationManager Configuration => _host.Configuration;

        public string AppHostDirectory { get; }

        public Assembly? AppHostAssembly => typeof(DistributedApplicationBuilder).Assembly;

        public IHostEnvironment Environment => _host.Environment;

        public IServiceCollection Services => _host.Services;

        public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

        public DistributedApplicationExecutionContext ExecutionContext { get; }

        public IResourceCollection Resources { get; } = new ResourceCollection();

        public IDistributedApplicationPipeline Pipeline { get; } = new Pipeline();

        internal MeshSettings Settings { get; }

        internal ParameterStore Parameters { get; }

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
        {
            if (Resources.Any(r => string.Equals(r.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
                throw new DistributedApplicationException($"There is already a resource named '{resource.Name}'.");
            Resources.Add(resource);
            return CreateResourceBuilder(resource);
        }

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

        public DistributedApplication Build() => new(_host.Build());

        private static string FindAppHostDirectory()
        {
            for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(Path.Combine(directory.FullName, "AppHost.csproj")))
                    return directory.FullName;
                if (File.Exists(Path.Combine(directory.FullName, "AppHost", "AppHost.csproj")))
                    return Path.Combine(directory.FullName, "AppHost");
            }
            return Directory.GetCurrentDirectory();
        }

        private sealed class ResourceCollection : Collection<IResource>, IResourceCollection;

        private sealed class ResourceBuilder<T>(DistributedApplicationBuilder application, T resource) : IResourceBuilder<T> where T : IResource
        {
            public IDistributedApplicationBuilder ApplicationBuilder => application;

            public T Resource => resource;

            public IResourceBuilder<T> WithAnnotation<TAnnotation>(
                TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
                where TAnnotation : IResourceAnnotation
            {
                if (behavior == ResourceAnnotationMutationBehavior.Replace)
                {
                    foreach (var old in resource.Annotations.OfType<TAnnotation>().ToList())
                        resource.Annotations.Remove(old);
                }
                resource.Annotations.Add(annotation);
                return this;
            }
        }
    }

    /// <summary>The application cannot be made or started; the message is one sentence for a person.</summary>
    public class DistributedApplicationException : Exception
    {
        public DistributedApplicationException()
        {
        }

        public DistributedApplicationException(string message) : base(message)
        {
        }

        public DistributedApplicationException(string message, Exception inner) : base(message, inner)
        {
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Describes one resource further.</summary>
    public interface IResourceBuilder<out T> where T : IResource
    {
        IDistributedApplicationBuilder ApplicationBuilder { get; }

        T Resource { get; }

        IResourceBuilder<T> WithAnnotation<TAnnotation>(
            TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation;
    }
}
