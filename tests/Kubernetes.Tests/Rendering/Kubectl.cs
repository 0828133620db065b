using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Rendering;

/// <summary>The kustomize that comes with kubectl, which needs no cluster.</summary>
internal static class Kubectl
{
    /// <summary>The oldest kustomize that renders as the ones of today do. Debian 12's kubectl 1.20 carries 2.0.3 and does not tell.</summary>
    private static readonly Version _oldest = new(5, 0);

    private static readonly Lazy<Task<string?>> _program = new(FindAsync);

    /// <summary>The program, or null when there is none that is new enough.</summary>
    public static Task<string?> ProgramAsync() => _program.Value;

    /// <summary>What kubectl makes of a folder.</summary>
    public static async Task<IReadOnlyList<Manifest>> RenderAsync(string program, string folder)
    {
        var (exitCode, output, errors) = await Checkout.RunAsync(program, "kustomize", folder);
        exitCode.ShouldBe(0, $"kubectl kustomize {folder}: {errors}");
        return [.. Yaml.Read(output).Select(d => new Manifest(d.AsObject()))];
    }

    private static async Task<string?> FindAsync()
    {
        if (Checkout.Program("kubectl") is not { } program)
            return null;
        var (exitCode, output, _) = await Checkout.RunAsync(program, "version", "--client", "-o", "json");
        return exitCode == 0 && JsonNode.Parse(output).Text("kustomizeVersion") is { } version && Version.TryParse(version.TrimStart('v'), out var known) && known >= _oldest
            ? program
            : null;
    }
}
