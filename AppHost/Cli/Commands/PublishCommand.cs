using System.CommandLine;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh publish</c>: what operators deploy, from the app model.</summary>
public static class PublishCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "Where the manifests go.", DefaultValueFactory = _ => "k8s" };
        var images = new Option<bool>("--images") { Description = "Build the container images, as archives under artifacts/images; no container engine is needed." };
        var compose = new Option<bool>("--compose") { Description = "Write the compose file alone, and say how to use it." };
        var noBuild = new Option<bool>("--no-build") { Description = "Use what was built last." };
        var command = new Command("publish", "Write the Kubernetes manifests anew from the app model.") { output, images, compose, noBuild };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(images))
                return await ContainerImages.BuildAsync(cancellationToken);
            var folder = Path.GetFullPath(parsed.GetRequiredValue(output), MeshPaths.Root);
            var onlyCompose = parsed.GetValue(compose);
            var exitCode = await AppModel.RunStepAsync(onlyCompose ? "compose-file" : "k8s-manifests", folder, !parsed.GetValue(noBuild), cancellationToken);
            if (exitCode == 0 && onlyCompose)
                Console.WriteLine($"{Path.Combine(folder, "compose", "compose.yaml")}: its first lines say which variables your .env file gives a value to.");
            return exitCode;
        });
        return command;
    }
}
