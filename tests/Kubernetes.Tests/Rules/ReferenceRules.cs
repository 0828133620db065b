using System.Globalization;
using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>Whatever a resource names is there: ports, targets, ConfigMaps, Secrets, accounts, hosts.</summary>
internal static class ReferenceRules
{
    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("ports", Ports), new("named-ports", NamedPorts), new("service-targets", ServiceTargets), new("scale-targets", ScaleTargets), new("disruption-targets", DisruptionTargets),
        new("monitor-targets", MonitorTargets), new("config-references", ConfigReferences), new("secret-references", SecretReferences), new("secret-files", SecretFiles),
        new("accounts", Accounts), new("routes", Routes), new("public-name", PublicName), new("istio-hosts", IstioHosts), new("discovery", Discovery), new("server-references", ServerReferences),
        new("volumes", Volumes),
    ];

    /// <summary>Pods that operators make of their resources, with the labels that they give them.</summary>
    public static IEnumerable<(Manifest Of, IReadOnlyDictionary<string, string> Labels)> OperatorPods(RenderedSet set)
    {
        foreach (var cluster in set.OfKind("Cluster").Where(c => c.Group == "postgresql.cnpg.io"))
            yield return (cluster, new Dictionary<string, string> { ["cnpg.io/cluster"] = cluster.Name, ["cnpg.io/podRole"] = "instance" });
        foreach (var pooler in set.OfKind("Pooler"))
        {
            var labels = new Dictionary<string, string>(pooler.Spec.Map("template", "metadata", "labels")) { ["cnpg.io/poolerName"] = pooler.Name, ["cnpg.io/podRole"] = "pooler" };
            yield return (pooler, labels);
        }
        foreach (var cluster in set.OfKind("RabbitmqCluster"))
        {
            yield return (cluster, new Dictionary<string, string>
            {
                ["app.kubernetes.io/name"] = cluster.Name,
                ["app.kubernetes.io/component"] = "rabbitmq",
                ["app.kubernetes.io/part-of"] = "rabbitmq",
            });
        }
        foreach (var issuer in set.OfKind("ClusterIssuer").Where(i => i.Spec.List("acme", "solvers").Any(s => s.ContainsKey("http01"))))
            yield return (issuer, new Dictionary<string, string> { ["acme.cert-manager.io/http01-solver"] = "true" });
        foreach (var collector in set.OfKind("OpenTelemetryCollector"))
        {
            yield return (collector, new Dictionary<string, string>
            {
                ["app.kubernetes.io/name"] = $"{collector.Name}-collector",
                ["app.kubernetes.io/component"] = "opentelemetry-collector",
                ["app.kubernetes.io/instance"] = $"{collector.Namespace}.{collector.Name}",
            });
        }
    }

    /// <summary>Services that operators make, by name.</summary>
    public static IReadOnlySet<string> OperatorServices(RenderedSet set) => set.Manifests.SelectMany(m => m.Kind switch
    {
        "Cluster" => [$"{m.Name}-rw", $"{m.Name}-ro", $"{m.Name}-r"],
        "Pooler" or "RabbitmqCluster" => [m.Name],
        "OpenTelemetryCollector" => [$"{m.Name}-collector", $"{m.Name}-collector-monitoring"],
        _ => Array.Empty<string>(),
    }).ToHashSet();

    private static IEnumerable<Wrong> Ports(RenderedSet set) => set.Manifests.SelectMany(m => PortsIn(m.Body, "").Where(p => p.Port is < 1 or > 65535)
        .Select(p => (m, p.Path, $"{p.Port.ToString(CultureInfo.InvariantCulture)} is no port")));

    private static IEnumerable<(string Path, double Port)> PortsIn(JsonNode? node, string path) => node switch
    {
        JsonObject fields => fields.SelectMany(f => f.Value is JsonValue value && (f.Key == "port" || f.Key.EndsWith("Port", StringComparison.Ordinal) || f.Key == "nodePort")
            && value.GetValueKind() == System.Text.Json.JsonValueKind.Number
                ? [($"{path}.{f.Key}".TrimStart('.'), double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture))]
                : PortsIn(f.Value, $"{path}.{f.Key}".TrimStart('.'))),
        JsonArray items => items.SelectMany((item, i) => PortsIn(item, $"{path}[{i}]")),
        _ => [],
    };

    private static IEnumerable<Wrong> NamedPorts(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.AllContainers)
            {
                var names = container.List("ports").Select(p => p.Text("name")).ToHashSet();
                foreach (var probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" })
                {
                    var port = container.At(probe, "httpGet", "port") ?? container.At(probe, "tcpSocket", "port");
                    if (port is not null && port.GetValueKind() == System.Text.Json.JsonValueKind.String && !names.Contains(port.ToString()))
                        yield return (owner, $"{path}.{probe}", $"the container has no port '{port}'");
                    if (port is not null && port.GetValueKind() == System.Text.Json.JsonValueKind.Number && !container.List("ports").Any(p => p.Text("containerPort") == port.ToString()))
                        yield return (owner, $"{path}.{probe}", $"the container has no port {port}");
                }
            }
        }
        foreach (var service in set.OfKind("Service"))
        {
            var pods = PodsBehind(set, service).ToList();
            foreach (var (port, i) in service.Spec.List("ports").Select((p, i) => (p, i)))
            {
                var target = port.Text("targetPort") ?? port.Text("port");
                foreach (var pod in pods.Where(p => !p.Containers.SelectMany(c => c.Container.List("ports")).Any(c => c.Text("name") == target || c.Text("containerPort") == target)))
                    yield return (service, $"spec.ports[{i}].targetPort", $"{pod.Id} has no port '{target}'");
            }
        }
    }

    /// <summary>The owners of the pods that a Service leads to, without those of Jobs, which serve nothing.</summary>
    private static IEnumerable<Manifest> PodsBehind(RenderedSet set, Manifest service) =>
        set.WithPods.Where(w => w.Kind is not ("Job" or "CronJob") && RenderedSet.Selects(service.Spec.Map("selector"), LabelsOfFirst(w)));

    /// <summary>A StatefulSet tells its pods apart by a label; everything else does not.</summary>
    private static IReadOnlyDictionary<string, string> LabelsOfFirst(Manifest owner) => owner.Kind != "StatefulSet"
        ? owner.PodLabels
        : new Dictionary<string, string>(owner.PodLabels) { ["statefulset.kubernetes.io/pod-name"] = $"{owner.Name}-0", ["apps.kubernetes.io/pod-index"] = "0" };

    private static IEnumerable<Wrong> ServiceTargets(RenderedSet set)
    {
        foreach (var service in set.OfKind("Service"))
        {
            var selector = service.Spec.Map("selector");
            if (!PodsBehind(set, service).Any() && !OperatorPods(set).Any(p => RenderedSet.Selects(selector, p.Labels)))
                yield return (service, "spec.selector", "selects no pod");
            foreach (var job in set.WithPods.Where(w => w.Kind is "Job" or "CronJob" && RenderedSet.Selects(selector, w.PodLabels)))
                yield return (service, "spec.selector", $"leads to the pods of {job.Id}, which serve nothing");
        }
    }

    private static IEnumerable<Wrong> ScaleTargets(RenderedSet set) =>
        set.Manifests.Where(m => m.Kind is "HorizontalPodAutoscaler" or "ScaledObject")
            .Where(m => !set.Has(m.Spec.Text("scaleTargetRef", "kind") ?? "Deployment", m.Spec.Text("scaleTargetRef", "name")))
            .Select(m => (m, "spec.scaleTargetRef", $"{m.Spec.Text("scaleTargetRef", "name")} is not there"));

    private static IEnumerable<Wrong> DisruptionTargets(RenderedSet set) =>
        set.OfKind("PodDisruptionBudget").Where(b => !set.WithPods.Where(w => w.Kind is not ("Job" or "CronJob")).Select(w => w.PodLabels).Concat(OperatorPods(set).Select(p => p.Labels))
            .Any(l => RenderedSet.Selects(b.Spec.At("selector"), l)))
            .Select(b => (b, "spec.selector", "selects no pod"));

    private static IEnumerable<Wrong> MonitorTargets(RenderedSet set)
    {
        foreach (var monitor in set.OfKind("ServiceMonitor"))
        {
            var services = set.OfKind("Service").Where(s => RenderedSet.Selects(monitor.Spec.At("selector"), s.Labels)).ToList();
            if (services.Count == 0 && !OperatorServices(set).Any(s => monitor.Spec.At("selector").Map("matchLabels").Values.Contains(s)))
                yield return (monitor, "spec.selector", "selects no Service");
            foreach (var endpoint in monitor.Spec.List("endpoints"))
            {
                foreach (var service in services.Where(s => !s.Spec.List("ports").Any(p => p.Text("name") == endpoint.Text("port"))))
                    yield return (monitor, "spec.endpoints", $"{service.Id} has no port '{endpoint.Text("port")}'");
            }
        }
        foreach (var monitor in set.OfKind("PodMonitor"))
        {
            if (!set.WithPods.Select(w => w.PodLabels).Concat(OperatorPods(set).Select(p => p.Labels)).Any(l => RenderedSet.Selects(monitor.Spec.At("selector"), l)))
                yield return (monitor, "spec.selector", "selects no pod");
        }
        foreach (var owner in set.Manifests.Where(m => m.Group == "postgresql.cnpg.io" && m.Spec.Text("monitoring", "enablePodMonitor") == "true"))
            yield return (owner, "spec.monitoring.enablePodMonitor", "its operator makes a monitor beside ours");
    }

    private static IEnumerable<Wrong> ConfigReferences(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            foreach (var (name, key, path) in ReferencesOf(owner, "configMapRef", "configMapKeyRef", "configMap"))
            {
                if (set.Find("ConfigMap", name) is not { } config)
                    yield return (owner, path, $"there is no ConfigMap '{name}'");
                else if (key is not null && !config.Body.Map("data").ContainsKey(key))
                    yield return (owner, path, $"the ConfigMap '{name}' has no key '{key}'");
            }
        }
    }

    private static IEnumerable<Wrong> SecretReferences(RenderedSet set)
    {
        var secrets = SecretsOf(set);
        foreach (var owner in set.WithPods)
        {
            foreach (var (name, key, path) in ReferencesOf(owner, "secretRef", "secretKeyRef", "secret"))
            {
                if (!secrets.TryGetValue(name, out var keys))
                    yield return (owner, path, $"nothing makes the Secret '{name}'");
                else if (key is not null && keys.Count > 0 && !keys.Contains(key))
                    yield return (owner, path, $"the Secret '{name}' has no key '{key}'");
            }
        }
        foreach (var (owner, name, key, path) in SecretsNamedByResources(set))
        {
            if (!secrets.TryGetValue(name, out var keys))
                yield return (owner, path, $"nothing makes the Secret '{name}'");
            else if (key is not null && keys.Count > 0 && !keys.Contains(key))
                yield return (owner, path, $"the Secret '{name}' has no key '{key}'");
        }
    }

    private static IEnumerable<(Manifest Owner, string Name, string? Key, string Path)> SecretsNamedByResources(RenderedSet set)
    {
        foreach (var authentication in set.OfKind("TriggerAuthentication"))
        {
            foreach (var (reference, i) in authentication.Spec.List("secretTargetRef").Select((r, i) => (r, i)))
                yield return (authentication, reference.Text("name") ?? "", reference.Text("key"), $"spec.secretTargetRef[{i}]");
        }
        foreach (var cluster in set.OfKind("Cluster").Where(c => c.Group == "postgresql.cnpg.io"))
        {
            foreach (var (role, i) in cluster.Spec.List("managed", "roles").Select((r, i) => (r, i)).Where(r => r.r["passwordSecret"] is not null))
                yield return (cluster, role.Text("passwordSecret", "name") ?? "", "password", $"spec.managed.roles[{i}].passwordSecret");
            if (cluster.Spec.Text("superuserSecret", "name") is { } superuser)
                yield return (cluster, superuser, null, "spec.superuserSecret");
        }
        foreach (var gateway in set.OfKind("Gateway"))
        {
            foreach (var certificate in gateway.Spec.List("listeners").SelectMany(l => l.List("tls", "certificateRefs")))
                yield return (gateway, certificate.Text("name") ?? "", null, "spec.listeners.tls.certificateRefs");
        }
        foreach (var ingress in set.OfKind("Ingress"))
        {
            foreach (var tls in ingress.Spec.List("tls"))
                yield return (ingress, tls.Text("secretName") ?? "", null, "spec.tls");
        }
    }

    /// <summary>Every Secret that something makes, with its keys; no keys where only the operator knows them.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyCollection<string>> SecretsOf(RenderedSet set)
    {
        var secrets = new Dictionary<string, IReadOnlyCollection<string>>();
        foreach (var external in set.OfKind("ExternalSecret"))
        {
            var template = external.Spec.Map("target", "template", "data").Keys;
            secrets[external.Spec.Text("target", "name") ?? external.Name] =
                template.Any() && external.Spec.Text("target", "template", "mergePolicy") != "Merge"
                    ? [.. template]
                    : [.. template, .. external.Spec.List("data").Select(d => d.Text("secretKey")!)];
        }
        foreach (var certificate in set.OfKind("Certificate"))
            secrets[certificate.Spec.Text("secretName") ?? ""] = ["tls.crt", "tls.key", "ca.crt"];
        foreach (var tls in set.OfKind("Ingress").Where(i => i.Body.Map("metadata", "annotations").ContainsKey("cert-manager.io/cluster-issuer")).SelectMany(i => i.Spec.List("tls")))
            secrets[tls.Text("secretName") ?? ""] = ["tls.crt", "tls.key"];
        foreach (var cluster in set.OfKind("RabbitmqCluster"))
            secrets[$"{cluster.Name}-default-user"] = ["username", "password", "host", "port", "connection_string"];
        foreach (var cluster in set.OfKind("Cluster").Where(c => c.Group == "postgresql.cnpg.io"))
        {
            string[] keys = ["username", "password", "dbname", "host", "port", "uri", "jdbc-uri", "pgpass"];
            secrets.TryAdd($"{cluster.Name}-app", keys);
            if (cluster.Spec.Text("enableSuperuserAccess") == "true")
                secrets.TryAdd($"{cluster.Name}-superuser", keys);
            secrets.TryAdd($"{cluster.Name}-ca", ["ca.crt", "ca.key"]);
        }
        return secrets;
    }

    private static IEnumerable<(string Name, string? Key, string Path)> ReferencesOf(Manifest owner, string from, string keyFrom, string volume)
    {
        foreach (var (container, path) in owner.AllContainers)
        {
            foreach (var (source, i) in container.List("envFrom").Select((s, i) => (s, i)))
            {
                if (source.Text(from, "name") is { } name && source.Text(from, "optional") != "true")
                    yield return (name, null, $"{path}.envFrom[{i}]");
            }
            foreach (var variable in container.List("env"))
            {
                if (variable.Text("valueFrom", keyFrom, "name") is { } name)
                    yield return (name, variable.Text("valueFrom", keyFrom, "key"), $"{path}.env.{variable.Text("name")}");
            }
        }
        foreach (var (mounted, i) in owner.PodSpec.List("volumes").Select((v, i) => (v, i)))
        {
            var path = $"{owner.PodSpecPath}.volumes[{i}]";
            if ((mounted.Text(volume, "name") ?? mounted.Text(volume, "secretName")) is { } name && mounted.Text(volume, "optional") != "true")
            {
                yield return (name, null, path);
                foreach (var item in mounted.List(volume, "items"))
                    yield return (name, item.Text("key"), $"{path}.items");
            }
            foreach (var projected in mounted.List("projected", "sources"))
            {
                if (projected.Text(volume, "name") is { } projectedName)
                    yield return (projectedName, null, $"{path}.projected");
            }
        }
    }

    /// <summary>What is told to a process as a file is a key of the Secret that is mounted there.</summary>
    private static IEnumerable<Wrong> SecretFiles(RenderedSet set)
    {
        var secrets = SecretsOf(set);
        foreach (var owner in set.WithPods)
        {
            foreach (var (container, path) in owner.Containers)
            {
                var told = container.List("env").Where(e => e.Text("value") is not null).Select(e => (Key: e.Text("name")!, Value: e.Text("value")!)).Concat(
                    container.List("envFrom").SelectMany(s => (set.Find("ConfigMap", s.Text("configMapRef", "name"))?.Body).Map("data").Select(d => (d.Key, d.Value))));
                foreach (var (key, file) in told.Where(t => t.Key.EndsWith("_FILE", StringComparison.Ordinal)))
                {
                    var mount = container.List("volumeMounts").FirstOrDefault(m => file.StartsWith(m.Text("mountPath") + "/", StringComparison.Ordinal));
                    var volume = owner.PodSpec.List("volumes").FirstOrDefault(v => v.Text("name") == mount.Text("name"));
                    if (mount is null || mount.Text("readOnly") != "true")
                        yield return (owner, path, $"{key} is {file}, and no read-only volume is mounted there");
                    else if (volume.Text("secret", "secretName") is not { } secret || !secrets.TryGetValue(secret, out var keys) || !keys.Contains(Path.GetFileName(file)))
                        yield return (owner, path, $"{key} is {file}, and no Secret's key is there");
                }
            }
        }
    }

    private static IEnumerable<Wrong> Accounts(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            if (owner.PodSpec.Text("serviceAccountName") is not { } account || !set.Has("ServiceAccount", account))
                yield return (owner, $"{owner.PodSpecPath}.serviceAccountName", $"there is no ServiceAccount '{owner.PodSpec.Text("serviceAccountName")}'");
        }
        foreach (var shared in set.Workloads.GroupBy(w => w.PodSpec.Text("serviceAccountName")).Where(g => g.Count() > 1))
            yield return (shared.First(), "spec.template.spec.serviceAccountName", $"'{shared.Key}' is shared: who calls could not be told");
    }

    private static IEnumerable<Wrong> Routes(RenderedSet set)
    {
        foreach (var route in set.OfKind("HTTPRoute"))
        {
            foreach (var parent in route.Spec.List("parentRefs"))
            {
                var gateway = set.Manifests.FirstOrDefault(m => m.Kind == "Gateway" && m.Group == "gateway.networking.k8s.io" && m.Name == parent.Text("name"));
                if (gateway is null)
                    yield return (route, "spec.parentRefs", $"there is no Gateway '{parent.Text("name")}'");
                else if (parent.Text("sectionName") is { } section && !gateway.Spec.List("listeners").Any(l => l.Text("name") == section))
                    yield return (route, "spec.parentRefs", $"{gateway.Id} has no listener '{section}'");
            }
            foreach (var backend in route.Spec.List("rules").SelectMany(r => r.List("backendRefs")))
            {
                if (set.Find("Service", backend.Text("name"))?.Spec.List("ports").Any(p => p.Text("port") == backend.Text("port")) != true)
                    yield return (route, "spec.rules.backendRefs", $"there is no Service '{backend.Text("name")}' with port {backend.Text("port")}");
            }
        }
        foreach (var ingress in set.OfKind("Ingress"))
        {
            foreach (var service in ingress.Spec.List("rules").SelectMany(r => r.List("http", "paths")).Select(p => p.At("backend", "service")))
            {
                if (set.Find("Service", service.Text("name"))?.Spec.List("ports")
                    .Any(p => p.Text("name") == service.Text("port", "name") || p.Text("port") == service.Text("port", "number")) != true)
                {
                    yield return (ingress, "spec.rules", $"there is no Service '{service.Text("name")}' with that port");
                }
            }
        }
    }

    /// <summary>The name that tokens carry as their issuer is the one that leads here and that the certificate is for.</summary>
    private static IEnumerable<Wrong> PublicName(RenderedSet set)
    {
        if (!Uri.TryCreate(set.Find("ConfigMap", "parameters")?.Body.Map("data").GetValueOrDefault("issuer"), UriKind.Absolute, out var issuer))
            yield break;
        foreach (var route in set.OfKind("HTTPRoute").Where(r => !r.Spec.Texts("hostnames").Contains(issuer.Host)))
            yield return (route, "spec.hostnames", $"does not have {issuer.Host}");
        foreach (var gateway in set.OfKind("Gateway").Where(g => g.Spec.List("listeners").Any(l => l.Text("hostname") != issuer.Host)))
            yield return (gateway, "spec.listeners", $"does not listen for {issuer.Host}");
        foreach (var certificate in set.OfKind("Certificate").Where(c => !c.Spec.Texts("dnsNames").Contains(issuer.Host)))
            yield return (certificate, "spec.dnsNames", $"is not for {issuer.Host}");
        foreach (var ingress in set.OfKind("Ingress").Where(i => i.Spec.List("rules").Any(r => r.Text("host") != issuer.Host)))
            yield return (ingress, "spec.rules", $"does not lead from {issuer.Host}");
    }

    private static IEnumerable<Wrong> IstioHosts(RenderedSet set)
    {
        bool IsHere(string? host) => host?.Split('.')[0] is { } name && (set.Has("Service", name) || OperatorServices(set).Contains(name));
        foreach (var rule in set.OfKind("DestinationRule").Where(r => !IsHere(r.Spec.Text("host"))))
            yield return (rule, "spec.host", $"there is no Service behind '{rule.Spec.Text("host")}'");
        foreach (var service in set.OfKind("VirtualService"))
        {
            foreach (var host in service.Spec.Texts("hosts").Where(h => !IsHere(h)))
                yield return (service, "spec.hosts", $"there is no Service behind '{host}'");
            foreach (var destination in service.Spec.List("http").SelectMany(h => h.List("route")).Select(r => r.At("destination")))
            {
                var rule = set.OfKind("DestinationRule").FirstOrDefault(r => r.Spec.Text("host") == destination.Text("host"));
                if (destination.Text("subset") is { } subset && rule?.Spec.List("subsets").Any(s => s.Text("name") == subset) != true)
                    yield return (service, "spec.http.route", $"no DestinationRule has the subset '{subset}' of {destination.Text("host")}");
            }
        }
        // A subset that takes no pod of what is deployed answers nothing; the canary's are deployed when there is a canary.
        foreach (var rule in set.OfKind("DestinationRule"))
        {
            foreach (var subset in rule.Spec.List("subsets").Where(s => s.Text("name") != "canary" && !set.Workloads.Any(w => w.Name == rule.Spec.Text("host")?.Split('.')[0]
                && RenderedSet.Selects(s.Map("labels"), w.PodLabels))))
            {
                yield return (rule, "spec.subsets", $"'{subset.Text("name")}' takes no pod");
            }
        }
    }

    /// <summary>A process knows the addresses of those that it calls, and of nobody else.</summary>
    private static IEnumerable<Wrong> Discovery(RenderedSet set)
    {
        foreach (var config in set.OfKind("ConfigMap").Where(c => c.Name.EndsWith("-config", StringComparison.Ordinal) && set.Facts.Workloads.ContainsKey(c.Name[..^"-config".Length])))
        {
            var caller = config.Name[..^"-config".Length];
            var known = config.Body.Map("data").Where(d => d.Key.StartsWith("services__", StringComparison.Ordinal)).ToDictionary(d => d.Key.Split("__")[1], d => d.Value);
            foreach (var (name, url) in known)
            {
                if (!set.Facts.Calls.Contains((caller, name)))
                    yield return (config, $"data.services__{name}", $"{caller} does not call {name} in the app model");
                else if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || set.Find("Service", address.Host)?.Spec.List("ports").Any(p => p.Text("port") == address.Port.ToString(CultureInfo.InvariantCulture)) != true)
                    yield return (config, $"data.services__{name}", $"no Service answers at '{url}'");
            }
            foreach (var (_, to) in set.Facts.Calls.Where(c => c.From == caller && !known.ContainsKey(c.To)))
                yield return (config, "data", $"{caller} calls {to} in the app model and is not told where it is");
        }
    }

    private static IEnumerable<Wrong> ServerReferences(RenderedSet set)
    {
        foreach (var pooler in set.OfKind("Pooler").Concat(set.OfKind("ScheduledBackup")).Concat(set.OfKind("Database")).Where(p => !set.Has("Cluster", p.Spec.Text("cluster", "name"))))
            yield return (pooler, "spec.cluster", $"there is no Cluster '{pooler.Spec.Text("cluster", "name")}'");
        foreach (var topology in set.Manifests.Where(m => m.Group == "rabbitmq.com" && m.Kind is "Queue" or "Exchange" or "Binding" || m.Group == "rabbitmq.com" && m.Kind == "Policy"))
        {
            if (!set.Has("RabbitmqCluster", topology.Spec.Text("rabbitmqClusterReference", "name")))
                yield return (topology, "spec.rabbitmqClusterReference", $"there is no RabbitmqCluster '{topology.Spec.Text("rabbitmqClusterReference", "name")}'");
        }
        foreach (var secret in set.OfKind("ExternalSecret").Where(s => (s.Spec.Text("secretStoreRef", "kind") ?? "SecretStore") == "SecretStore" && !set.Has("SecretStore", s.Spec.Text("secretStoreRef", "name"))))
            yield return (secret, "spec.secretStoreRef", $"there is no SecretStore '{secret.Spec.Text("secretStoreRef", "name")}'");
        foreach (var scaled in set.OfKind("ScaledObject"))
        {
            foreach (var trigger in scaled.Spec.List("triggers").Where(t => t.Text("authenticationRef", "name") is { } name && !set.Has("TriggerAuthentication", name)))
                yield return (scaled, "spec.triggers.authenticationRef", $"there is no TriggerAuthentication '{trigger.Text("authenticationRef", "name")}'");
        }
        foreach (var certificate in set.OfKind("Certificate").Where(c => c.Spec.Text("issuerRef", "kind") == "ClusterIssuer" && !set.Has("ClusterIssuer", c.Spec.Text("issuerRef", "name"))))
            yield return (certificate, "spec.issuerRef", $"there is no ClusterIssuer '{certificate.Spec.Text("issuerRef", "name")}'");
    }

    private static IEnumerable<Wrong> Volumes(RenderedSet set)
    {
        foreach (var owner in set.WithPods)
        {
            var volumes = owner.PodSpec.List("volumes").Select(v => v.Text("name")).Concat(owner.Spec.List("volumeClaimTemplates").Select(t => t.Text("metadata", "name"))).ToHashSet();
            foreach (var (container, path) in owner.AllContainers)
            {
                foreach (var mount in container.List("volumeMounts").Where(m => !volumes.Contains(m.Text("name"))))
                    yield return (owner, $"{path}.volumeMounts", $"there is no volume '{mount.Text("name")}'");
            }
        }
    }
}
