using System.Globalization;
using System.Text.Json.Nodes;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>What a reviewer asks of every pod, and of the processes of the mesh beyond that.</summary>
internal static class WorkloadRules
{
    /// <summary>The paths that the contracts promise, by probe.</summary>
    private static readonly (string Probe, string Path)[] _probes = [("startupProbe", "/health/startup"), ("readinessProbe", "/ready"), ("livenessProbe", "/health")];

    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("probes", Probes), new("probe-scheme", ProbeScheme), new("user", User), new("root-filesystem", RootFileSystem), new("capabilities", Capabilities),
        new("privileges", Privileges), new("seccomp", Seccomp), new("host", Host), new("token", Token), new("scratch", Scratch), new("resources", Resources), new("drain", Drain),
        new("disruption", Disruption), new("spread", Spread), new("rollout", Rollout), new("images", Images), new("telemetry", Telemetry, OfWhole: true),
    ];

    private static IEnumerable<Wrong> Probes(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var (container, path) = Process(workload);
            foreach (var (probe, promised) in _probes)
            {
                if (container.Text(probe, "httpGet", "path") is not { } asked)
                    yield return (workload, $"{path}.{probe}", "is missing");
                else if (asked != promised)
                    yield return (workload, $"{path}.{probe}", $"asks {asked}, and the contract's path is {promised}");
                if (container.At(probe) is JsonObject && container.Text(probe, "timeoutSeconds") is null)
                    yield return (workload, $"{path}.{probe}.timeoutSeconds", "is missing");
            }
        }
    }

    /// <summary>Lower case is what Aspire's own publisher writes and an API server refuses.</summary>
    private static IEnumerable<Wrong> ProbeScheme(RenderedSet set) =>
        from owner in set.WithPods
        from part in owner.AllContainers
        from probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" }
        let scheme = part.Container.Text(probe, "httpGet", "scheme")
        where scheme is not (null or "HTTP")
        select (owner, $"{part.Path}.{probe}.httpGet.scheme", $"is '{scheme}'");

    private static IEnumerable<Wrong> User(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                if ((container.Text("securityContext", "runAsNonRoot") ?? owner.PodSpec.Text("securityContext", "runAsNonRoot")) != "true")
                    yield return (owner, $"{path}.securityContext.runAsNonRoot", "is not true, here or for the pod");
                foreach (var id in new[] { "runAsUser", "runAsGroup" })
                {
                    var text = container.Text("securityContext", id) ?? owner.PodSpec.Text("securityContext", id);
                    if (!int.TryParse(text, CultureInfo.InvariantCulture, out var number) || number <= 10000)
                        yield return (owner, $"{path}.securityContext.{id}", $"is {text ?? "not said"} and not above 10000");
                }
            }
        }
    }

    private static IEnumerable<Wrong> RootFileSystem(RenderedSet set) =>
        from owner in set.WithPods
        from part in owner.AllContainers
        where part.Container.Text("securityContext", "readOnlyRootFilesystem") != "true"
        select (owner, $"{part.Path}.securityContext.readOnlyRootFilesystem", "is not true");

    private static IEnumerable<Wrong> Capabilities(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                if (!container.Texts("securityContext", "capabilities", "drop").Contains("ALL"))
                    yield return (owner, $"{path}.securityContext.capabilities.drop", "does not drop ALL");
                if (container.Texts("securityContext", "capabilities", "add").Count > 0)
                    yield return (owner, $"{path}.securityContext.capabilities.add", "gives some back");
            }
        }
    }

    private static IEnumerable<Wrong> Privileges(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                if (container.Text("securityContext", "allowPrivilegeEscalation") != "false")
                    yield return (owner, $"{path}.securityContext.allowPrivilegeEscalation", "is not false");
                if (container.Text("securityContext", "privileged") == "true")
                    yield return (owner, $"{path}.securityContext.privileged", "is true");
            }
        }
    }

    /// <summary>A worker that makes boxes of its own may bring its own profile; nobody goes without one.</summary>
    private static IEnumerable<Wrong> Seccomp(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                var type = container.Text("securityContext", "seccompProfile", "type") ?? owner.PodSpec.Text("securityContext", "seccompProfile", "type");
                var own = type == "Localhost" && set.Facts.Workloads.GetValueOrDefault(owner.Name) == WorkloadKind.Worker && set.Facts.Workloads.ContainsKey(owner.Name);
                if (type != "RuntimeDefault" && !own)
                    yield return (owner, $"{path}.securityContext.seccompProfile", $"is {type ?? "not said"}");
            }
        }
    }

    private static IEnumerable<Wrong> Host(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var shared in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(h => owner.PodSpec.Text(h) == "true"))
                yield return (owner, $"{owner.PodSpecPath}.{shared}", "is true");
            foreach (var volume in owner.PodSpec.List("volumes").Where(v => v.ContainsKey("hostPath")))
                yield return (owner, $"{owner.PodSpecPath}.volumes", $"'{volume.Text("name")}' is a folder of the node");
            foreach (var (container, path) in owner.AllContainers.Where(c => c.Container.List("ports").Any(p => p.ContainsKey("hostPort"))))
                yield return (owner, $"{path}.ports", $"{container.Text("name")} takes a port of the node");
        }
    }

    private static IEnumerable<Wrong> Token(RenderedSet set)
    {
        foreach (var owner in set.WithPods.Where(o => o.PodSpec.Text("automountServiceAccountToken") != "false" && o.Labels.GetValueOrDefault("talentsphere.io/needs-api") != "true"))
            yield return (owner, $"{owner.PodSpecPath}.automountServiceAccountToken", "is not false");
    }

    private static IEnumerable<Wrong> Scratch(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var (container, path) = Process(workload);
            var mount = container.List("volumeMounts").FirstOrDefault(m => m.Text("mountPath") == "/tmp");
            if (workload.PodSpec.List("volumes").FirstOrDefault(v => v.Text("name") == mount.Text("name")) is not { } volume || volume.Text("emptyDir", "sizeLimit") is null)
                yield return (workload, $"{path}.volumeMounts", "has no emptyDir with a limit at /tmp");
        }
    }

    private static IEnumerable<Wrong> Resources(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                foreach (var resource in new[] { "cpu", "memory" })
                {
                    var (request, limit) = (Quantity(container.Text("resources", "requests", resource)), Quantity(container.Text("resources", "limits", resource)));
                    if (request is null)
                        yield return (owner, $"{path}.resources.requests.{resource}", "is missing");
                    if (limit is null)
                        yield return (owner, $"{path}.resources.limits.{resource}", "is missing");
                    if (request > limit)
                        yield return (owner, $"{path}.resources", $"asks for more {resource} than it may have");
                }
            }
        }
    }

    /// <summary>What a process has to finish in: the grace period, less the pause in which it is taken out of the Services.</summary>
    private static IEnumerable<Wrong> Drain(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var (container, path) = Process(workload);
            if (!int.TryParse(container.Text("lifecycle", "preStop", "sleep", "seconds"), out var pause) || pause < 1)
                yield return (workload, $"{path}.lifecycle.preStop", "does not wait until the endpoint is gone");
            var grace = int.TryParse(workload.PodSpec.Text("terminationGracePeriodSeconds"), out var said) ? said : 30;
            var told = set.Find("ConfigMap", $"{workload.Name}-config")?.Body.Map("data") ?? new Dictionary<string, string>();
            int Told(string key) => TimeSpan.TryParse(told.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var time) ? (int)time.TotalSeconds : -1;
            if (Told("Drain__Timeout") < 1 || Told("Drain__Delay") < 0)
                yield return (workload, "Drain__Timeout", "the process is not told how long it may take");
            var drain = Told("Drain__Timeout") + Told("Drain__Delay");
            if (grace <= pause + drain)
                yield return (workload, $"{workload.PodSpecPath}.terminationGracePeriodSeconds", $"is {grace}, and the pause of {pause} and the drain of {drain} take longer");
        }
    }

    private static IEnumerable<Wrong> Disruption(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var budgets = set.OfKind("PodDisruptionBudget").Where(b => RenderedSet.Selects(b.Spec.At("selector"), workload.PodLabels)).ToList();
            if (budgets.Count != 1)
                yield return (workload, "", $"has {budgets.Count} disruption budgets");
            foreach (var budget in budgets.Where(b => b.Spec.Text("maxUnavailable") is null or "0" or "0%"))
                yield return (budget, "spec.maxUnavailable", "lets no node be drained");
        }
    }

    private static IEnumerable<Wrong> Spread(RenderedSet set) =>
        set.Workloads.Where(w => !w.PodSpec.List("topologySpreadConstraints")
            .Any(c => c.Text("topologyKey") == "kubernetes.io/hostname" && c["labelSelector"] is JsonObject selector && RenderedSet.Selects(selector, w.PodLabels)))
            .Select(w => (w, $"{w.PodSpecPath}.topologySpreadConstraints", "does not spread its pods over nodes"));

    private static IEnumerable<Wrong> Rollout(RenderedSet set) =>
        set.Workloads.Where(w => w.Spec.Text("strategy", "type") is not (null or "RollingUpdate") || w.Spec.Text("strategy", "rollingUpdate", "maxUnavailable") != "0")
            .Select(w => (w, "spec.strategy", "takes pods away before new ones are ready"));

    private static IEnumerable<Wrong> Images(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                var image = container.Text("image") ?? "";
                var name = image[(image.LastIndexOf('/') + 1)..];
                if (!name.Contains('@') && (!name.Contains(':') || name.EndsWith(":latest", StringComparison.Ordinal)))
                    yield return (owner, $"{path}.image", $"'{image}' says no version");
            }
        }
    }

    private static IEnumerable<Wrong> Telemetry(RenderedSet set)
    {
        var services = ReferenceRules.OperatorServices(set);
        foreach (var workload in set.Workloads)
        {
            var told = set.Find("ConfigMap", $"{workload.Name}-config")?.Body.Map("data") ?? new Dictionary<string, string>();
            if (!Uri.TryCreate(told.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT"), UriKind.Absolute, out var collector) || !services.Contains(collector.Host))
                yield return (workload, "OTEL_EXPORTER_OTLP_ENDPOINT", $"is '{told.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT")}', where no collector is");
            if (told.GetValueOrDefault("OTEL_SERVICE_NAME") != workload.Name)
                yield return (workload, "OTEL_SERVICE_NAME", $"is '{told.GetValueOrDefault("OTEL_SERVICE_NAME")}'");
        }
    }

    /// <summary>The process itself: the container that is named as its workload, else the first.</summary>
    private static (JsonObject Container, string Path) Process(Manifest workload) =>
        workload.Containers.FirstOrDefault(c => c.Container.Text("name") == workload.Name) is { Container: not null } own ? own : workload.Containers.First();

    /// <summary>A quantity in its base unit, or null.</summary>
    private static double? Quantity(string? text)
    {
        if (text is null)
            return null;
        var digits = text.TrimEnd('m', 'k', 'K', 'M', 'G', 'T', 'i');
        double factor = text[digits.Length..] switch
        {
            "" => 1,
            "m" => 0.001,
            "k" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            "Ki" => 1L << 10,
            "Mi" => 1L << 20,
            "Gi" => 1L << 30,
            _ => double.NaN,
        };
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : null;
    }
}
