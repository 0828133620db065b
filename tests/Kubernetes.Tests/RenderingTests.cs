using System.Text.Json.Nodes;
using TalentSphere.Kubernetes.Tests.Rendering;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>Our renderer, which stands in where no kubectl is, against kubectl's own.</summary>
public sealed class RenderingTests
{
    public static TheoryData<string> Folders => [.. Overlays.Names.Select(n => $"overlays/{n}").Append("chaos")];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Both_renderers_say_the_same(string folder)
    {
        var ours = Sorted(Kustomization.Render(Path.Combine(Checkout.Manifests, folder)));
        ours.Count.ShouldBeGreaterThan(5);
        if (await Kubectl.ProgramAsync() is not { } kubectl)
        {
            TestContext.Current.AddWarning("There is no kubectl with kustomize 5 or later: overlays are rendered by the tests' own renderer only.");
            return;
        }
        var theirs = Sorted(await Kubectl.RenderAsync(kubectl, Path.Combine(Checkout.Manifests, folder)));
        ours.Keys.ShouldBe(theirs.Keys, ignoreOrder: true);
        foreach (var (id, body) in ours)
            JsonNode.DeepEquals(body, theirs[id]).ShouldBeTrue($"{id}\nours:   {body.ToJsonString()}\ntheirs: {theirs[id].ToJsonString()}");
    }

    [Fact]
    public async Task A_patch_that_matches_nothing_is_told_though_kustomize_passes_over_it()
    {
        var folder = Directory.CreateTempSubdirectory("talentsphere-kustomization-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "service.yaml"), "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), """
                resources:
                - service.yaml
                patches:
                - target:
                    kind: Service
                    name: b
                  patch: |
                    - op: add
                      path: /metadata/labels
                      value: {}
                """, TestContext.Current.CancellationToken);
            Should.Throw<InvalidDataException>(() => Kustomization.Render(folder)).Message.ShouldContain("matches nothing");
            if (await Kubectl.ProgramAsync() is { } kubectl)
                (await Kubectl.RenderAsync(kubectl, folder)).Count.ShouldBe(1, "kubectl says nothing about it");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Yaml_is_read_as_kubectl_reads_it()
    {
        var body = Yaml.Read("a: on\nb: 010\nc: 1.5\nd: '8080'\ne: 1e3\nf: ~\ng: |\n  x\nh: 12_000\ni: 2026-01-01\n").Single();
        body.ToJsonString().ShouldBe("""{"a":true,"b":8,"c":1.5,"d":"8080","e":1000,"f":null,"g":"x\n","h":12000,"i":"2026-01-01"}""");
        Should.Throw<YamlDotNet.Core.YamlException>(() => Yaml.Read("a: 1\na: 2\n"));
        Yaml.Read("---\n# nothing\n").ShouldBeEmpty();
    }

    private static SortedDictionary<string, JsonObject> Sorted(IReadOnlyList<Manifest> manifests)
    {
        var sorted = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var manifest in manifests)
            sorted.Add($"{manifest.ApiVersion} {manifest.Kind} {manifest.Namespace}/{manifest.Name}", manifest.Body);
        return sorted;
    }
}
