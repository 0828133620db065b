using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>Everything that one overlay would put into a cluster, and what it is held against.</summary>
/// <param name="name">The overlay's name.</param>
/// <param name="facts">The app model.</param>
/// <param name="manifests">The resources.</param>
/// <param name="whole">False for a deployment that does without service mesh, admission policies and observability.</param>
internal sealed class RenderedSet(string name, AppFacts facts, IReadOnlyList<Manifest> manifests, bool whole)
{
    public string Name { get; } = name;

    public AppFacts Facts { get; } = facts;

    public IReadOnlyList<Manifest> Manifests { get; } = manifests;

    public bool IsWhole { get; } = whole;

    /// <summary>The processes' Deployments.</summary>
    public IEnumerable<Manifest> Workloads => OfKind("Deployment").Where(d => Facts.Workloads.ContainsKey(d.Name));

    public IEnumerable<Manifest> WithPods => Manifests.Where(m => m.PodTemplate is not null);

    public IEnumerable<Manifest> OfKind(string kind) => Manifests.Where(m => m.Kind == kind);

    public Manifest? Find(string? kind, string? name) => Manifests.FirstOrDefault(m => m.Kind == kind && m.Name == name);

    public bool Has(string? kind, string? name) => Find(kind, name) is not null;

    /// <summary>The same, to be broken.</summary>
    public RenderedSet Copy() => new(Name, Facts, [.. Manifests.Select(m => new Manifest(m.Body.DeepClone().AsObject()))], IsWhole);

    /// <summary>The same without some resources.</summary>
    public RenderedSet Without(Func<Manifest, bool> gone) => new(Name, Facts, [.. Manifests.Where(m => !gone(m))], IsWhole);

    /// <summary>The same with one more resource.</summary>
    public RenderedSet With(JsonObject resource) => new(Name, Facts, [.. Manifests, new Manifest(resource)], IsWhole);

    /// <summary>Whether a label selector (matchLabels and matchExpressions) takes a set of labels. An empty one takes everything.</summary>
    public static bool Selects(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Map("matchLabels").All(l => labels.GetValueOrDefault(l.Key) == l.Value)
        && selector.List("matchExpressions").All(e => (e.Text("operator"), labels.GetValueOrDefault(e.Text("key") ?? "")) switch
        {
            ("In", var value) => value is not null && e.Texts("values").Contains(value),
            ("NotIn", var value) => value is null || !e.Texts("values").Contains(value),
            ("Exists", var value) => value is not null,
            ("DoesNotExist", var value) => value is null,
            _ => false,
        });

    /// <summary>Whether a Service's plain selector takes a set of labels.</summary>
    public static bool Selects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(l => labels.GetValueOrDefault(l.Key) == l.Value);
}
