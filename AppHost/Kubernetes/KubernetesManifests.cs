#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // The publish pipeline is how Aspire lets an application describe itself.
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.AppHost.Kubernetes;

namespace TalentSphere.AppHost;

/// <summary>Publishing: the app model as Kubernetes manifests.</summary>
public static class KubernetesManifests
{
    /// <summary>The pipeline step that writes the manifests.</summary>
    public const string Step = "k8s-manifests";

    /// <summary>Adds the publish step: <c>--operation publish --step k8s-manifests --output-path k8s</c>, or <c>./mesh publish</c>.</summary>
    public static void AddKubernetesManifests(this IDistributedApplicationBuilder builder) =>
        builder.Pipeline.AddStep(
            Step,
            async context =>
            {
                var mesh = await ReadAsync(builder, context);
                ManifestOutput.Replace(OutputOf(context), Sections.Write(mesh));
            },
            requiredBy: WellKnownPipelineSteps.Publish);

    internal static Task<MeshModel> ReadAsync(IDistributedApplicationBuilder builder, PipelineStepContext context)
    {
        var root = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, ".."));
        var events = EventCatalogue.Load(Path.Combine(root, "Contracts", "schemas", "asyncapi.json"));
        return MeshModelReader.ReadAsync(context.Model, context.ExecutionContext, events, root, context.CancellationToken);
    }

    private static string OutputOf(PipelineStepContext context) => context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
}
