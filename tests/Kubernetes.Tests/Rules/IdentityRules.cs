namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>Names, namespaces, labels and selectors.</summary>
internal static class IdentityRules
{
    private static readonly HashSet<string> _clusterScoped = ["Namespace", "ClusterIssuer", "ClusterPolicy", "ValidatingPolicy", "ClusterRole", "ClusterRoleBinding", "PriorityClass", "RuntimeClass"];

    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("unique", Unique), new("namespace", OneNamespace), new("selector", SelectorIsLabels), new("labels", Labels), new("model", EveryWorkloadIsThere),
    ];

    private static IEnumerable<Wrong> Unique(RenderedSet set) =>
        set.Manifests.GroupBy(m => (m.Group, m.Kind, m.Namespace, m.Name)).Where(g => g.Count() > 1)
            .Select(g => (g.First(), "metadata.name", $"is there {g.Count()} times"));

    private static IEnumerable<Wrong> OneNamespace(RenderedSet set) =>
        set.Manifests.Where(m => _clusterScoped.Contains(m.Kind) ? m.Namespace is not null : m.Namespace != (m.Group == "velero.io" ? "velero" : "talentsphere"))
            .Select(m => (m, "metadata.namespace", $"is '{m.Namespace}'"));

    private static IEnumerable<Wrong> SelectorIsLabels(RenderedSet set)
    {
        foreach (var owner in set.Manifests.Where(m => m.Kind is "Deployment" or "StatefulSet" or "DaemonSet"))
        {
            var selector = owner.Body.Map("spec", "selector", "matchLabels");
            if (selector.Count == 0 || !RenderedSet.Selects(owner.Spec.At("selector"), owner.PodLabels))
                yield return (owner, "spec.selector", "does not select its own pods");
            // Two owners with one selector take each other's pods.
            foreach (var other in set.WithPods.Where(o => o != owner && selector.Count > 0 && RenderedSet.Selects(selector, o.PodLabels)))
                yield return (owner, "spec.selector", $"selects the pods of {other.Id}");
        }
    }

    private static IEnumerable<Wrong> Labels(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var label in new[] { "app.kubernetes.io/name", "app.kubernetes.io/part-of", "app.kubernetes.io/component" })
            {
                if (!owner.Labels.ContainsKey(label))
                    yield return (owner, $"metadata.labels.{label}", "is missing");
                if (!owner.PodLabels.ContainsKey(label))
                    yield return (owner, $"{owner.PodSpecPath.Replace(".spec", "")}.metadata.labels.{label}", "is missing");
            }
        }
    }

    private static IEnumerable<Wrong> EveryWorkloadIsThere(RenderedSet set)
    {
        var space = set.OfKind("Namespace").FirstOrDefault() ?? set.Manifests[0];
        foreach (var (name, _) in set.Facts.Workloads)
        {
            foreach (var kind in new[] { "Deployment", "Service", "ServiceAccount", "ConfigMap" }.Where(k => !set.Has(k, k == "ConfigMap" ? $"{name}-config" : name)))
                yield return (space, "", $"the app model has {name} and there is no {kind} for it");
        }
        foreach (var stray in set.OfKind("Deployment").Where(d => d.Labels.GetValueOrDefault("app.kubernetes.io/component") is "service" or "worker" or "gateway" && !set.Facts.Workloads.ContainsKey(d.Name)))
            yield return (stray, "metadata.name", "is in no app model");
    }
}
