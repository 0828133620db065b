using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>What differs between deployments and is no secret. A parameter that the model gains needs its value here: nothing is guessed.</summary>
internal static class OverlayParameters
{
    public const string HashAnnotation = "talentsphere.io/parameters-hash";

    /// <summary>The ConfigMap of the deployment that answers at <paramref name="host"/>.</summary>
    public static Map ConfigMap(MeshModel mesh, string host)
    {
        var map = KubernetesNames.Document("v1", "ConfigMap", KubernetesNames.ParametersConfigMap, KubernetesNames.Labels(KubernetesNames.ParametersConfigMap, "configuration"));
        map["data"] = Map.Of(Values(mesh, host));
        return map;
    }

    /// <summary>Rolls the pods out when a value changes: they read it at their start.</summary>
    public static Map RollOut(MeshModel mesh, string host) => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "Deployment",
        ["metadata"] = new Map { ["name"] = "every-deployment" },
        ["spec"] = new Map
        {
            ["template"] = new Map { ["metadata"] = new Map { ["annotations"] = new Map { [HashAnnotation] = WorkloadConfiguration.Hash(Values(mesh, host)) } } },
        },
    };

    private static SortedDictionary<string, string> Values(MeshModel mesh, string host)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal) { [KubernetesNames.TrustedProxies] = "127.0.0.0/8,::1/128,10.0.0.0/8" };
        foreach (var parameter in mesh.Parameters.Where(p => !p.Secret))
        {
            values[parameter.Name] = parameter.Name switch
            {
                "issuer" => $"https://{host}",
                "mail-from" => $"no-reply@{host}",
                "mail-host" => $"smtp.{host}",
                "mail-user" => "talentsphere",
                "first-admin-email" => $"admin@{host}",
                _ => throw new DistributedApplicationException($"No deployment says what the parameter '{parameter.Name}' is: see OverlayParameters."),
            };
        }
        return values;
    }
}
