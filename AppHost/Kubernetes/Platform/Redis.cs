using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>
/// Redis with replication: the first pod writes, two follow. What it holds are caches, limits and pushes, all of which the services do without for a while, so that the
/// first pod coming back on another node is soon enough; the guide tells how to promote a follower where it is not.
/// </summary>
internal sealed class Redis : IManifestSection
{
    private const string _secrets = "/run/secrets/redis";

    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Servers.Where(s => s.Kind == ServerKind.Redis).SelectMany(s => Write(mesh, s));

    private static string Nodes(Server server) => $"{server.Name}-nodes";

    private static IEnumerable<ManifestFile> Write(MeshModel mesh, Server server)
    {
        var folder = $"platform/{server.Name}";
        var labels = KubernetesNames.Labels(server.Name, "cache");
        var config = KubernetesNames.Document("v1", "ConfigMap", $"{server.Name}-config", labels);
        var text = $"""
            include {_secrets}/auth.conf
            dir /data
            appendonly yes
            appendfsync everysec
            save ""
            maxmemory 768mb
            maxmemory-policy volatile-lru
            replica-read-only yes

            """.ReplaceLineEndings("\n");
        config["data"] = new Map { ["redis.conf"] = text };
        yield return new($"{folder}/configmap.yaml", config);

        var password = ExternalSecrets.Hole(server.PasswordParameter);
        yield return new($"{folder}/externalsecret.yaml", ExternalSecrets.Document(
            mesh, $"{server.Name}-auth", labels, [new("auth.conf", $"requirepass {password}\nmasterauth {password}\n"), new("password", password)], [server.PasswordParameter]));

        var account = KubernetesNames.Document("v1", "ServiceAccount", server.Name, labels);
        account["automountServiceAccountToken"] = false;
        yield return new($"{folder}/serviceaccount.yaml", account);

        var writer = KubernetesNames.Document("v1", "Service", server.Name, labels);
        var primary = KubernetesNames.Selector(server.Name);
        primary["statefulset.kubernetes.io/pod-name"] = $"{server.Name}-0";
        writer["spec"] = new Map { ["type"] = "ClusterIP", ["selector"] = primary, ["ports"] = Ports(server) };
        yield return new($"{folder}/service.yaml", writer) { Why = "Leads to the pod that writes." };

        var nodes = KubernetesNames.Document("v1", "Service", Nodes(server), labels);
        nodes["spec"] = new Map
        {
            ["clusterIP"] = "None",
            ["publishNotReadyAddresses"] = true,
            ["selector"] = KubernetesNames.Selector(server.Name),
            ["ports"] = Ports(server),
        };
        yield return new($"{folder}/service-nodes.yaml", nodes) { Why = "Gives each pod a name of its own, by which the followers find the one that writes." };

        yield return new($"{folder}/statefulset.yaml", StatefulSet(server, labels, WorkloadConfiguration.Hash([new("redis.conf", text)])));
        yield return new($"{folder}/poddisruptionbudget.yaml", WorkloadDisruption.Budget(server.Name, labels));
    }

    private static Map[] Ports(Server server) =>
        [new() { ["name"] = "redis", ["port"] = KubernetesNames.PortOf(server), ["targetPort"] = "redis", ["protocol"] = "TCP", ["appProtocol"] = "redis" }];

    private static Map StatefulSet(Server server, Map labels, string hash)
    {
        var set = KubernetesNames.Document("apps/v1", "StatefulSet", server.Name, labels);
        set["spec"] = new Map
        {
            ["serviceName"] = Nodes(server),
            ["replicas"] = 3,
            ["podManagementPolicy"] = "OrderedReady",
            ["selector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(server.Name) },
            ["template"] = new Map
            {
                ["metadata"] = new Map { ["labels"] = labels, ["annotations"] = new Map { [WorkloadConfiguration.HashAnnotation] = hash } },
                ["spec"] = new Map
                {
                    ["serviceAccountName"] = server.Name,
                    ["automountServiceAccountToken"] = false,
                    ["enableServiceLinks"] = false,
                    ["terminationGracePeriodSeconds"] = 30,
                    ["securityContext"] = PodHardening.Pod(),
                    ["topologySpreadConstraints"] = PodSpread.Constraints(server.Name),
                    ["containers"] = new[] { Container(server) },
                    ["volumes"] = new[]
                    {
                        new Map { ["name"] = "tmp", ["emptyDir"] = new Map { ["sizeLimit"] = "16Mi" } },
                        new Map { ["name"] = "config", ["configMap"] = new Map { ["name"] = $"{server.Name}-config" } },
                        new Map { ["name"] = "secrets", ["secret"] = new Map { ["secretName"] = $"{server.Name}-auth", ["defaultMode"] = PodHardening.OwnerAndGroupRead } },
                    },
                },
            },
            ["volumeClaimTemplates"] = new[]
            {
                new Map
                {
                    ["metadata"] = new Map { ["name"] = "data", ["labels"] = labels },
                    ["spec"] = new Map { ["accessModes"] = new[] { "ReadWriteOnce" }, ["resources"] = new Map { ["requests"] = new Map { ["storage"] = "5Gi" } } },
                },
            },
        };
        return set;
    }

    private static Map Container(Server server)
    {
        var primary = $"{server.Name}-0.{Nodes(server)}.{KubernetesNames.Namespace}.svc";
        var start = $"case \"$HOSTNAME\" in *-0) exec redis-server /etc/redis/redis.conf ;; *) exec redis-server /etc/redis/redis.conf --replicaof {primary} {Invariant.Text(KubernetesNames.PortOf(server))} ;; esac";
        var ask = new[] { "sh", "-c", $"REDISCLI_AUTH=\"$(cat {_secrets}/password)\" redis-cli ping | grep -q PONG" };
        Map Probe(int period, int failures) => new()
        {
            ["exec"] = new Map { ["command"] = ask },
            ["periodSeconds"] = period,
            ["timeoutSeconds"] = 3,
            ["failureThreshold"] = failures,
        };
        return new()
        {
            ["name"] = "redis",
            ["image"] = ServerImages.Redis(server),
            ["imagePullPolicy"] = "IfNotPresent",
            ["command"] = new[] { "sh", "-c", start },
            ["ports"] = new[] { new Map { ["name"] = "redis", ["containerPort"] = KubernetesNames.PortOf(server), ["protocol"] = "TCP" } },
            ["resources"] = PodResources.Bounds("250m", "1Gi", "1", "1Gi"),
            ["startupProbe"] = Probe(2, 60),
            ["readinessProbe"] = Probe(5, 3),
            ["livenessProbe"] = Probe(10, 6),
            ["securityContext"] = PodHardening.Container(),
            ["volumeMounts"] = new[]
            {
                new Map { ["name"] = "data", ["mountPath"] = "/data" },
                new Map { ["name"] = "tmp", ["mountPath"] = "/tmp" },
                new Map { ["name"] = "config", ["mountPath"] = "/etc/redis", ["readOnly"] = true },
                new Map { ["name"] = "secrets", ["mountPath"] = _secrets, ["readOnly"] = true },
            },
        };
    }
}
