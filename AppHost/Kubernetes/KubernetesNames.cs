namespace TalentSphere.AppHost.Kubernetes;

/// <summary>The names, labels and ports that the manifests agree on.</summary>
internal static class KubernetesNames
{
    public const string Namespace = "talentsphere";
    public const string NameLabel = "app.kubernetes.io/name";
    public const string PartOfLabel = "app.kubernetes.io/part-of";
    public const string ComponentLabel = "app.kubernetes.io/component";

    /// <summary>Whether a pod gets the service mesh's proxy.</summary>
    public const string InjectLabel = "sidecar.istio.io/inject";

    /// <summary>Which PostgreSQL cluster a pod belongs to; CloudNativePG sets it.</summary>
    public const string ClusterLabel = "cnpg.io/cluster";

    /// <summary>The port that every workload listens on, and its name.</summary>
    public const int Port = 8080;
    public const string PortName = "http";

    /// <summary>The port of every workload's Service.</summary>
    public const int ServicePort = 80;

    /// <summary>The user and group that every container runs as.</summary>
    public const int User = 10001;

    /// <summary>Where a workload finds its secrets, a file each.</summary>
    public const string SecretsFolder = "/run/secrets/talentsphere";

    /// <summary>Where telemetry goes: the collector's Service, as its operator names it after the collector <c>otel</c>.</summary>
    public const string Collector = "otel";
    public const string CollectorService = "otel-collector";
    public const int CollectorPort = 4317;

    /// <summary>Where the vault's secrets come in.</summary>
    public const string SecretStore = "vault";

    /// <summary>What differs between deployments and is no secret: one key per parameter.</summary>
    public const string ParametersConfigMap = "parameters";

    /// <summary>The key in it with the networks that <c>X-Forwarded-For</c> is believed from: the pods', as network policies let nobody else in.</summary>
    public const string TrustedProxies = "trusted-proxies";

    public static string SecretOf(Workload workload) => $"{workload.Name}-secrets";

    public static string ConfigOf(Workload workload) => $"{workload.Name}-config";

    /// <summary>The image without its tag; overlays set that.</summary>
    public static string ImageOf(Workload workload) => $"ghcr.io/talentsphere/{workload.Name}";

    public static string ComponentOf(WorkloadKind kind) => kind switch
    {
        WorkloadKind.Gateway => "gateway",
        WorkloadKind.Service => "service",
        _ => "worker",
    };

    /// <summary>The Service behind which a server answers. The operators name it: CloudNativePG's pooler after itself, RabbitMQ's cluster after itself.</summary>
    public static string ServiceOf(Server server) => server.Kind == ServerKind.Postgres ? PoolerOf(server) : server.Name;

    /// <summary>Where a server is found, with its namespace: the scaler asks the broker from a namespace of its own.</summary>
    public static string HostOf(Server server) => $"{ServiceOf(server)}.{Namespace}.svc";

    public static int PortOf(Server server) => server.Kind switch
    {
        ServerKind.Postgres => 5432,
        ServerKind.Redis => 6379,
        _ => 5672,
    };

    public static string PoolerOf(Server postgres) => $"{postgres.Name}-pooler";

    /// <summary>The labels of the pods that answer behind <see cref="ServiceOf"/>.</summary>
    public static Map PodsOf(Server server) => server.Kind switch
    {
        ServerKind.Postgres => new() { ["cnpg.io/poolerName"] = PoolerOf(server) },
        _ => new() { [NameLabel] = server.Name },
    };

    /// <summary>The labels of the pods of the PostgreSQL cluster itself, behind the pooler.</summary>
    public static Map ClusterPodsOf(Server postgres) => ClusterPodsOf(postgres.Name);

    /// <summary>The same of any cluster, by its name.</summary>
    public static Map ClusterPodsOf(string cluster) => new() { [ClusterLabel] = cluster };

    /// <summary>What an endpoint of the model is in the cluster.</summary>
    public static string Resolve(MeshModel mesh, EndpointPart part)
    {
        var (host, port) = mesh.HasWorkload(part.Resource)
            ? (part.Resource, ServicePort)
            : (HostOf(mesh.Server(part.Resource)), PortOf(mesh.Server(part.Resource)));
        return part.Property switch
        {
            EndpointProperty.Url => mesh.HasWorkload(part.Resource) ? $"http://{host}" : $"tcp://{host}:{Invariant.Text(port)}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => host,
            EndpointProperty.HostAndPort => $"{host}:{Invariant.Text(port)}",
            EndpointProperty.Port => Invariant.Text(port),
            EndpointProperty.TargetPort => Invariant.Text(mesh.HasWorkload(part.Resource) ? Port : port),
            EndpointProperty.Scheme => mesh.HasWorkload(part.Resource) ? "http" : "tcp",
            _ => throw new DistributedApplicationException($"A manifest cannot say what the endpoint property {part.Property} is."),
        };
    }

    /// <summary>Name, part-of and component: on everything that belongs to one workload or server.</summary>
    public static Map Labels(string name, string component) => new()
    {
        [NameLabel] = name,
        [PartOfLabel] = Namespace,
        [ComponentLabel] = component,
    };

    public static Map Labels(Workload workload) => Labels(workload.Name, ComponentOf(workload.Kind));

    public static Map Selector(string name) => new() { [NameLabel] = name };

    /// <summary>A document's head: <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> in the namespace.</summary>
    public static Map Document(string apiVersion, string kind, string name, Map labels, Map? annotations = null) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new Map { ["name"] = name, ["namespace"] = Namespace, ["labels"] = labels, ["annotations"] = annotations },
    };
}
