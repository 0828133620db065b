namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>What stands around the mesh in a cluster: the namespaces and identities of whatever is not ours. One place, so that a cluster that differs is one change.</summary>
internal static class Surroundings
{
    public const string MonitoringNamespace = "monitoring";
    public const string IstioNamespace = "istio-system";
    public const int IstioPort = 15012;
    public const string KedaNamespace = "keda";
    public const string CloudNativePgNamespace = "cnpg-system";
    public const string RabbitMqOperatorNamespace = "rabbitmq-system";
    public const string TracingNamespace = "observability";

    /// <summary>The account that scrapes.</summary>
    public const string Prometheus = "prometheus-k8s";

    /// <summary>The Gateway that takes what comes from outside. Istio runs a proxy for it in our namespace, under an account of this name.</summary>
    public const string PublicGateway = "public";
    public const string PublicGatewayAccount = PublicGateway + "-istio";
    public const string PublicGatewayLabel = "gateway.networking.k8s.io/gateway-name";

    /// <summary>How Istio names an account of ours.</summary>
    public static string Principal(string account) => Principal(KubernetesNames.Namespace, account);

    public static string Principal(string space, string account) => $"cluster.local/ns/{space}/sa/{account}";

    /// <summary>All pods of another namespace.</summary>
    public static Map Namespace(string name) => new() { ["namespaceSelector"] = new Map { ["matchLabels"] = new Map { ["kubernetes.io/metadata.name"] = name } } };

    /// <summary>Some pods of another namespace.</summary>
    public static Map Pods(string space, string label, string value) => new()
    {
        ["namespaceSelector"] = new Map { ["matchLabels"] = new Map { ["kubernetes.io/metadata.name"] = space } },
        ["podSelector"] = new Map { ["matchLabels"] = new Map { [label] = value } },
    };
}
