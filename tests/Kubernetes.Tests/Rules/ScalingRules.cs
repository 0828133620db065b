using System.Globalization;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>Who scales what, and by which queue.</summary>
internal static class ScalingRules
{
    /// <summary>What a KEDA scaler understands; the schema admits any key.</summary>
    private static readonly Dictionary<string, string[]> _triggerKeys = new()
    {
        ["rabbitmq"] =
        [
            "host", "hostFromEnv", "queueName", "mode", "value", "activationValue", "protocol", "vhostName", "queueLength", "useRegex", "regexPageSize", "operation",
            "metricName", "timeout", "excludeUnacknowledged", "unsafeSsl", "tls",
        ],
        ["cpu"] = ["value", "containerName"],
        ["memory"] = ["value", "containerName"],
        ["prometheus"] = ["serverAddress", "query", "threshold", "activationThreshold", "namespace", "ignoreNullValues", "unsafeSsl", "customHeaders"],
    };

    private static readonly Dictionary<string, string[]> _requiredKeys = new()
    {
        ["rabbitmq"] = ["queueName", "mode", "value", "protocol"],
        ["cpu"] = ["value"],
        ["memory"] = ["value"],
        ["prometheus"] = ["serverAddress", "query", "threshold"],
    };

    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("one-scaler", OneScaler), new("scaled-replicas", ScaledReplicas), new("trigger-keys", TriggerKeys), new("queues", Queues), new("trigger-host", TriggerHost), new("scale-bounds", ScaleBounds),
    ];

    private static IEnumerable<Wrong> OneScaler(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var scalers = ScalersOf(set, workload).ToList();
            if (scalers.Count > 1)
                yield return (workload, "", $"is scaled by {string.Join(" and ", scalers.Select(s => s.Id))}, which pull at it");
        }
    }

    /// <summary>Whoever applies a Deployment that says how many undoes what its scaler found out; and one of the two has to say.</summary>
    private static IEnumerable<Wrong> ScaledReplicas(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var scaled = ScalersOf(set, workload).Any();
            // At zero an autoscaler leaves it alone: a region that stands by says so.
            if (scaled && workload.Spec.Text("replicas") is not (null or "0"))
                yield return (workload, "spec.replicas", "is said though something scales it");
            if (!scaled && !workload.Spec!.ContainsKey("replicas"))
                yield return (workload, "spec.replicas", "is not said though nothing scales it");
        }
    }

    private static IEnumerable<Wrong> TriggerKeys(RenderedSet set)
    {
        foreach (var scaled in set.OfKind("ScaledObject"))
        {
            foreach (var (trigger, i) in scaled.Spec.List("triggers").Select((t, i) => (t, i)))
            {
                var type = trigger.Text("type") ?? "";
                if (!_triggerKeys.TryGetValue(type, out var known))
                {
                    yield return (scaled, $"spec.triggers[{i}].type", $"'{type}' is no scaler that is known here");
                    continue;
                }
                var keys = trigger.Map("metadata").Keys;
                foreach (var unknown in keys.Except(known))
                    yield return (scaled, $"spec.triggers[{i}].metadata.{unknown}", $"{type} does not know it");
                foreach (var missing in _requiredKeys[type].Except(keys))
                    yield return (scaled, $"spec.triggers[{i}].metadata.{missing}", "is missing");
            }
        }
    }

    /// <summary>Every queue's name is one that the code declares, and whoever is scaled by one consumes it.</summary>
    private static IEnumerable<Wrong> Queues(RenderedSet set)
    {
        foreach (var scaled in set.OfKind("ScaledObject"))
        {
            foreach (var (trigger, i) in scaled.Spec.List("triggers").Select((t, i) => (t, i)).Where(t => t.t.Text("type") == "rabbitmq"))
            {
                var queue = trigger.Text("metadata", "queueName");
                if (set.Facts.Queues.GetValueOrDefault(scaled.Spec.Text("scaleTargetRef", "name") ?? "") != queue)
                    yield return (scaled, $"spec.triggers[{i}].metadata.queueName", $"'{queue}' is not the queue that {scaled.Spec.Text("scaleTargetRef", "name")} consumes");
            }
        }
        foreach (var queue in set.Manifests.Where(m => m.Group == "rabbitmq.com" && m.Kind == "Queue"))
        {
            if (!set.Facts.Queues.Values.Concat(set.Facts.DeadLetterQueues).Contains(queue.Spec.Text("name")))
                yield return (queue, "spec.name", $"'{queue.Spec.Text("name")}' is no queue of the code");
        }
    }

    /// <summary>KEDA asks the broker from a namespace of its own, where a short name leads nowhere.</summary>
    private static IEnumerable<Wrong> TriggerHost(RenderedSet set)
    {
        foreach (var authentication in set.OfKind("TriggerAuthentication"))
        {
            foreach (var reference in authentication.Spec.List("secretTargetRef").Where(r => r.Text("parameter") == "host"))
            {
                var template = set.OfKind("ExternalSecret").FirstOrDefault(e => e.Spec.Text("target", "name") == reference.Text("name"))?.Spec.Map("target", "template", "data")
                    .GetValueOrDefault(reference.Text("key") ?? "");
                if (template is not null && !template.Contains($".{authentication.Namespace}.svc", StringComparison.Ordinal))
                    yield return (authentication, "spec.secretTargetRef", "is an address that only this namespace knows");
            }
        }
    }

    private static IEnumerable<Wrong> ScaleBounds(RenderedSet set)
    {
        foreach (var scaler in set.Manifests.Where(m => m.Kind is "HorizontalPodAutoscaler" or "ScaledObject"))
        {
            var (least, most) = scaler.Kind == "ScaledObject" ? ("minReplicaCount", "maxReplicaCount") : ("minReplicas", "maxReplicas");
            if (!int.TryParse(scaler.Spec.Text(least), CultureInfo.InvariantCulture, out var from) || !int.TryParse(scaler.Spec.Text(most), CultureInfo.InvariantCulture, out var to)
                || from < 1 || to < from)
            {
                yield return (scaler, $"spec.{most}", $"from {scaler.Spec.Text(least) ?? "?"} to {scaler.Spec.Text(most) ?? "?"} is no range");
            }
        }
    }

    private static IEnumerable<Manifest> ScalersOf(RenderedSet set, Manifest workload) => set.Manifests.Where(m =>
        m.Kind is "HorizontalPodAutoscaler" or "ScaledObject" && (m.Spec.Text("scaleTargetRef", "kind") ?? "Deployment") == workload.Kind
        && m.Spec.Text("scaleTargetRef", "name") == workload.Name);
}
