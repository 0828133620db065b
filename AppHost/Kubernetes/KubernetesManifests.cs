#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // The publish pipeline is how Aspire lets an application describe itself.
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.AppHost.Kubernetes;
using TalentSphere.AppHost.Kubernetes.Compose;
using TalentSphere.AppHost.Kubernetes.Graph;

namespace TalentSphere.AppHost;

/// <summary>Publishing: the app model as Kubernetes manifests, as a compose file, as a picture.</summary>
public static partial class KubernetesManifests
{
    /// <summary>The step that writes the manifests, and removes generated ones that no longer belong.</summary>
    public const string Step = "k8s-manifests";

    /// <summary>The step that writes the compose file alone, with what it names.</summary>
    public const string ComposeStep = "compose-file";

    /// <summary>The step that writes <c>graph.mmd</c> and <c>graph.json</c>.</summary>
    public const string GraphStep = "mesh-graph";

    /// <summary>Adds the publish steps: <c>--operation publish --step k8s-manifests --output-path k8s</c>, or <c>./mesh publish</c>.</summary>
    public static void AddKubernetesManifests(this IDistributedApplicationBuilder builder)
    {
        builder.Pipeline.AddStep(
            Step,
            async context =>
            {
                var files = Sections.Write(await ReadAsync(builder, context));
                var (written, removed) = ManifestOutput.Replace(OutputOf(context), files);
                Told(context.Logger, files.Count, written, removed, OutputOf(context));
            },
            requiredBy: WellKnownPipelineSteps.Publish);
        builder.Pipeline.AddStep(ComposeStep, async context =>
        {
            foreach (var file in ComposeFile.WriteAll(await ReadAsync(builder, context)))
                ManifestOutput.Write(OutputOf(context), file);
        });
        builder.Pipeline.AddStep(GraphStep, async context =>
        {
            var mesh = await ReadAsync(builder, context);
            Directory.CreateDirectory(OutputOf(context));
            await File.WriteAllTextAsync(Path.Combine(OutputOf(context), "graph.mmd"), GraphText.Mermaid(mesh), context.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(OutputOf(context), "graph.json"), GraphText.Json(mesh), context.CancellationToken);
        });
    }

    private static Task<MeshModel> ReadAsync(IDistributedApplicationBuilder builder, PipelineStepContext context)
    {
        var root = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
        var events = EventCatalogue.Load(Path.Combine(root, "Contracts", "schemas", "asyncapi.json"));
        return MeshModelReader.ReadAsync(context.Model, context.ExecutionContext, events, root, context.CancellationToken);
    }

    private static string OutputOf(PipelineStepContext context) => context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();

    [LoggerMessage(Level = LogLevel.Information, Message = "{Files} files, {Written} written, {Removed} removed in {Directory}")]
    private static partial void Told(ILogger logger, int files, int written, int removed, string directory);
}
