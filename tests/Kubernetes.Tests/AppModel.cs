using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TalentSphere.AppHost.Kubernetes;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>The app model of <c>AppHost.cs</c> itself: its program is run in this process up to its end, writes its manifests, and its model is kept.</summary>
internal sealed record AppModel(DistributedApplicationModel Resources, MeshModel Mesh, string Output)
{
    private static readonly Lazy<Task<AppModel>> _real = new(ReadAsync);

    public static Task<AppModel> RealAsync() => _real.Value;

    /// <summary>The manifests of a model, as resources without a file; kustomizations and what is no resource are left out.</summary>
    public static IReadOnlyList<(string Path, Manifest Manifest)> Manifests(MeshModel mesh) =>
    [
        .. Sections.Write(mesh).Where(f => f.IsResource).SelectMany(f => Yaml.Read(f.Render()).Select(d => (f.Path, new Manifest(d.AsObject())))),
    ];

    /// <summary>The model of a builder that a test filled.</summary>
    public static async Task<MeshModel> OfAsync(IDistributedApplicationBuilder builder, JsonObject? events = null)
    {
        await using var app = builder.Build();
        using var contracts = System.Text.Json.JsonDocument.Parse((events ?? Events()).ToJsonString());
        return await MeshModelReader.ReadAsync(
            app.Services.GetRequiredService<DistributedApplicationModel>(), app.Services.GetRequiredService<DistributedApplicationExecutionContext>(),
            EventCatalogue.Read(contracts.RootElement), Checkout.Root, CancellationToken.None);
    }

    /// <summary>A builder that publishes and starts nothing.</summary>
    public static IDistributedApplicationBuilder Builder() => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        Args = ["--operation", "publish"],
        ProjectDirectory = Path.Combine(Checkout.Root, "AppHost"),
    });

    /// <summary>The event contracts as committed, to be changed.</summary>
    public static JsonObject Events() => JsonNode.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "Contracts", "schemas", "asyncapi.json")))!.AsObject();

    private static async Task<AppModel> ReadAsync()
    {
        var output = Directory.CreateTempSubdirectory("talentsphere-manifests-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(output, recursive: true);
        using var watch = new HostWatch();
        using (DiagnosticListener.AllListeners.Subscribe(watch))
        {
            var main = typeof(KubernetesNames).Assembly.EntryPoint ?? throw new InvalidOperationException("AppHost has no entry point.");
            string[] arguments = ["--operation", "publish", "--step", AppHost.KubernetesManifests.Step, "--output-path", output];
            var ended = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null);
            if (ended is Task task)
                await task;
        }
        var model = watch.Model ?? throw new InvalidOperationException("AppHost.cs built no application.");
        var events = EventCatalogue.Load(Path.Combine(Checkout.Root, "Contracts", "schemas", "asyncapi.json"));
        return new(model, await MeshModelReader.ReadAsync(model, watch.Execution!, events, Checkout.Root, CancellationToken.None), output);
    }

    /// <summary>Hears of the host that the program builds, as test hosts of web applications do; not of those that other tests build meanwhile.</summary>
    private sealed class HostWatch : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly AsyncLocal<bool> _here = new() { Value = true };
        private IDisposable? _events;

        public DistributedApplicationModel? Model { get; private set; }

        public DistributedApplicationExecutionContext? Execution { get; private set; }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
                _events = value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (!_here.Value || value is not { Key: "HostBuilt", Value: IHost host } || host.Services.GetService<DistributedApplicationModel>() is not { } model)
                return;
            Model = model;
            Execution = host.Services.GetRequiredService<DistributedApplicationExecutionContext>();
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _events?.Dispose();
    }
}
