using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>What a workload is told that is no secret: a ConfigMap each. Its hash stands in the pods' annotations, so that a change rolls them out.</summary>
internal sealed class WorkloadConfiguration : IManifestSection
{
    public const string HashAnnotation = "talentsphere.io/config-hash";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        foreach (var workload in mesh.Workloads)
        {
            var map = KubernetesNames.Document("v1", "ConfigMap", KubernetesNames.ConfigOf(workload), KubernetesNames.Labels(workload));
            map["data"] = Map.Of(Data(mesh, workload));
            yield return new($"base/{workload.Name}/configmap.yaml", map);
        }
    }

    /// <summary>The ConfigMap's content, sorted by key. A setting that holds a parameter is not in it: its value is the overlay's.</summary>
    public static SortedDictionary<string, string> Data(MeshModel mesh, Workload workload)
    {
        var data = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_HTTP_PORTS"] = Invariant.Text(KubernetesNames.Port),
            ["Drain__Delay"] = Draining.Written(Draining.Delay),
            ["Drain__Timeout"] = Draining.Written(Draining.Timeout(workload)),
            ["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{KubernetesNames.CollectorService}:{Invariant.Text(KubernetesNames.CollectorPort)}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
            ["OTEL_SERVICE_NAME"] = workload.Name,
        };
        // While Redis is away each gateway grants its share of a limit, reckoned by the fewest that there are.
        if (workload.Kind == WorkloadKind.Gateway)
            data["Limits__Replicas"] = Invariant.Text(WorkloadScaling.Fewest);
        foreach (var setting in workload.PlainSettings.Where(s => !s.Parameters.Any()))
            data[setting.Key] = setting.Compose(_ => "", part => KubernetesNames.Resolve(mesh, part));
        foreach (var setting in workload.SecretSettings)
            data[$"{setting.Key}_FILE"] = $"{KubernetesNames.SecretsFolder}/{setting.Key}";
        return data;
    }

    /// <summary>Settings whose value differs between deployments: environment variables that read the overlay's parameters.</summary>
    public static IEnumerable<Map> FromParameters(Workload workload)
    {
        yield return FromParameter("Proxies__Trusted", KubernetesNames.TrustedProxies);
        foreach (var setting in workload.PlainSettings.Where(s => s.Parameters.Any()))
        {
            if (setting.Parts is not [ParameterPart parameter])
                throw new DistributedApplicationException($"'{setting.Key}' of '{workload.Name}' mixes a parameter with other text; a manifest can only take it as a whole.");
            yield return FromParameter(setting.Key, parameter.Name);
        }

        static Map FromParameter(string name, string key) => new()
        {
            ["name"] = name,
            ["valueFrom"] = new Map { ["configMapKeyRef"] = new Map { ["name"] = KubernetesNames.ParametersConfigMap, ["key"] = key } },
        };
    }

    /// <summary>Sixteen hexadecimal digits of the content's SHA-256.</summary>
    public static string Hash(IEnumerable<KeyValuePair<string, string>> data)
    {
        var content = string.Concat(data.Select(d => $"{d.Key}={d.Value}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..16];
    }
}
