using TalentSphere.Kubernetes.Tests.Rendering;
using TalentSphere.Kubernetes.Tests.Rules;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>Every overlay as committed, rendered once: by kubectl where one is here that is new enough, else by our own renderer.</summary>
internal static class Overlays
{
    private static readonly Lazy<Task<IReadOnlyDictionary<string, RenderedSet>>> _rendered = new(RenderAsync);

    /// <summary>The overlays' names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetDirectories(Path.Combine(Checkout.Manifests, "overlays")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    private static readonly Lazy<Task<IReadOnlyList<Manifest>>> _experiments = new(() => RenderAsync(Path.Combine(Checkout.Manifests, "chaos")));

    /// <summary>What can be applied by itself beside the overlays.</summary>
    public static Task<IReadOnlyList<Manifest>> ExperimentsAsync() => _experiments.Value;

    public static string Folder(string name) => Path.Combine(Checkout.Manifests, "overlays", name);

    public static async Task<RenderedSet> GetAsync(string name) => (await _rendered.Value)[name];

    private static async Task<IReadOnlyList<Manifest>> RenderAsync(string folder) =>
        await Kubectl.ProgramAsync() is { } kubectl ? await Kubectl.RenderAsync(kubectl, folder) : Kustomization.Render(folder);

    private static async Task<IReadOnlyDictionary<string, RenderedSet>> RenderAsync()
    {
        var facts = AppFacts.Of((await AppModel.RealAsync()).Mesh);
        var sets = new Dictionary<string, RenderedSet>();
        foreach (var name in Names)
            sets[name] = new(name, facts, await RenderAsync(Folder(name)), whole: name != "dev");
        return sets;
    }
}
