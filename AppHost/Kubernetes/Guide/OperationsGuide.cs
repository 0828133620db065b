using System.Text;
using TalentSphere.AppHost.Kubernetes.Observability;
using TalentSphere.AppHost.Kubernetes.Overlays;
using TalentSphere.AppHost.Kubernetes.Platform;
using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Guide;

/// <summary>
/// The operations guide. What follows from the model (who is there, what the vault holds, what each alert asks for) is written from it; names in commands come from
/// where the manifests have them, and a test looks for each of them in what is rendered.
/// </summary>
internal sealed class OperationsGuide : IManifestSection
{
    private const string _space = KubernetesNames.Namespace;
    private const string _kubectl = $"kubectl -n {_space}";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        // A part of a mesh has nothing to be operated by itself: what the guide tells of is not there.
        if (!mesh.Servers.Any(s => s.Kind == ServerKind.Postgres) || !mesh.Workloads.Any(w => w.Kind == WorkloadKind.Service && !IsByQueue(w)))
            yield break;
        var text = new StringBuilder();
        foreach (var part in new[]
        {
            Introduction(mesh), FirstDeployment(mesh), BoxNodesGuide.Section(mesh), Secrets(mesh), Rotation(mesh), Scaling(mesh), Distribution(mesh), Upgrade(mesh), BackupAndRestore(mesh), DisasterRecovery(mesh), RegionFailover(mesh),
            Experiments(mesh), Runbooks(mesh),
        })
        {
            if (part.Length > 0)
                text.Append(part.Trim('\n')).Append("\n\n");
        }
        yield return new("README.md") { Text = text.ToString().TrimEnd('\n') + "\n" };
    }

    private static string Introduction(MeshModel mesh) => $"""
        # Operating TalentSphere

        Everything below this folder is written by `./mesh publish` from the app model that also runs locally, and is never edited by hand: what differs in your cluster goes
        into an overlay of your own.

        **What has been checked, and what has not.** Every document of every overlay is held against the published schemas of Kubernetes 1.32 and 1.36 and of the custom
        resources, more strictly than an API server does where it can be; references, policies and names are checked against each other and against the app model; alert
        rules and dashboard expressions by Prometheus' own checker. **No API server has accepted these manifests yet**, CEL rules of custom resources are not evaluated, and
        nothing here has run in a cluster: the first deployment is a test of them. Times and sizes are set with reason and not measured, unless a sentence says so.
        CloudNativePG's `Database` has no published schema among those, and is held against one that is written down by hand.

        | folder | holds |
        |---|---|
        | `base/` | each workload: Deployment, Service, ConfigMap, ExternalSecret, account, disruption budget, scaler |
        | `platform/` | namespace, PostgreSQL, RabbitMQ, Redis, the way to the vault, migrations, backups |
        | `policy/` | who may open a connection to whom, mutual TLS and authorization, the way in, admission policies |
        | `nodes/` | what no API server can apply: profiles and a runtime for the nodes that run strangers' programs |
        | `observability/` | what is scraped, alerts, dashboards, the collector of traces |
        | `chaos/` | experiments; in no overlay |
        | `overlays/` | what is applied: {string.Join(", ", Sections.Overlays.SelectMany(o => o.Write(mesh, new HashSet<string>(StringComparer.Ordinal))).Where(f => f.IsKustomization).Select(f => $"`{f.Folder["overlays/".Length..]}`").Order(StringComparer.Ordinal))} |

        Who calls whom, and so who is let through:

        | workload | kind | calls | builds on | hears |
        |---|---|---|---|---|
        {string.Join('\n', mesh.Workloads.Select(w => $"| **{w.Name}** | {KubernetesNames.ComponentOf(w.Kind)} | {Listed(w.Calls)} | {Listed(w.Servers)} | {(w.Queue is null ? "" : $"`{w.Queue.Name}`")} |"))}
        """;

    private static string FirstDeployment(MeshModel mesh) => $"""
        ## First deployment

        The cluster needs, each in the namespace that the policies expect (`AppHost/Kubernetes/Policy/Surroundings.cs` is the one place to change that):

        | what | for | namespace |
        |---|---|---|
        | a network plugin that enforces network policies | the policies; without it they are ignored silently | |
        | CloudNativePG, cert-manager | PostgreSQL | `{Surroundings.CloudNativePgNamespace}`, `cert-manager` |
        | RabbitMQ's cluster and topology operators | RabbitMQ | `{Surroundings.RabbitMqOperatorNamespace}` |
        | External Secrets and a Vault | every secret | `external-secrets`, `vault` |
        | KEDA and a metrics server | scaling | `{Surroundings.KedaNamespace}`, `kube-system` |
        | Istio with its node agent (CNI) and native sidecars, Gateway API | mutual TLS and the way in (not in `dev`) | `{Surroundings.IstioNamespace}` |
        | Kyverno | admission (not in `dev`) | `kyverno` |
        | Prometheus' operator, Grafana's operator, OpenTelemetry's operator, Jaeger | seeing (not in `dev`) | `{Surroundings.MonitoringNamespace}`, `{Surroundings.TracingNamespace}` |
        | Velero | a nightly copy of the namespace (not in `dev`) | `velero` |

        Istio's node agent is not a matter of taste: without it the proxy's first container asks for privileges that the namespace refuses. Prometheus runs with a proxy beside
        it that writes its certificate to `/etc/prom-certs`, under the account `{Surroundings.Prometheus}`; with a plain Prometheus nothing can be scraped.
        {BoxNodesGuide.Reference(mesh)}

        Then:

        ```sh
        # 1. Images: archives under artifacts/images, to be pushed to your registry by whatever does that with you.
        ./mesh publish --images
        # 2. What the vault must hold: see Secrets.
        # 3. Look at what would be applied before it is.
        kubectl kustomize k8s/overlays/prod
        kubectl diff -k k8s/overlays/prod
        # 4. The namespace and the servers; wait until they are there.
        kubectl apply -f k8s/platform/namespace/namespace.yaml
        kubectl apply -k k8s/overlays/prod
        {_kubectl} wait --for=condition=Ready cluster/{mesh.Servers.First(s => s.Kind == ServerKind.Postgres).Name} --timeout=15m
        # 5. The migrations run by themselves; services wait for them.
        {_kubectl} get jobs -l {KubernetesNames.ComponentLabel}={Migrations.Component}
        {string.Join('\n', mesh.Workloads.Where(w => w.Kind == WorkloadKind.Gateway).Select(w => $"{_kubectl} rollout status deployment/{w.Name} --timeout=10m"))}
        ```

        The public name stands in the overlay's `parameters.yaml`, in the Gateway, its routes and its certificate: an overlay of your own patches all four.
        """;

    private static string Secrets(MeshModel mesh) => $"""
        ## Secrets

        No file here holds a secret. Vault does, External Secrets composes one Secret per workload from it, and that is mounted as files, which the processes follow: a changed value is
        used without a restart. No secret is an environment variable or an argument. The vault's engine is `secret` (version 2); its role `{_space}` belongs to the account
        `vault-reader`, for which External Secrets asks; no pod holds its token.

        | path in the vault | properties |
        |---|---|
        {string.Join('\n', VaultPaths(mesh).Select(p => $"| `secret/talentsphere/{p.Path}` | {string.Join(", ", p.Properties.Select(q => $"`{q}`"))} |"))}

        ```sh
        # Values come from a file or a terminal and never stand in a command line.
        vault kv patch secret/talentsphere/{VaultPaths(mesh)[0].Path} {VaultPaths(mesh)[0].Properties[0]}=@value.txt
        {_kubectl} get externalsecrets
        ```

        `Ready: False` on an ExternalSecret means that the vault does not know a property or does not let it in; the Secret of before stays (`deletionPolicy: Retain`).
        """;

    private static string Rotation(MeshModel mesh)
    {
        var postgres = mesh.Servers.First(s => s.Kind == ServerKind.Postgres);
        var owner = mesh.DatabasesOn(postgres.Name).First();
        return $"""
            ## Rotation

            ### A database's password

            The login's Secret and the service's Secret come from one property. Both are refreshed within a minute; asked for together they follow within seconds. Sessions that are open
            stay open, so that nobody notices but a pod that connects in between: it is refused, tries again, and reports itself not ready meanwhile.

            ```sh
            vault kv patch secret/talentsphere/{postgres.Name} {owner.Database!.PasswordParameter}=@new-password.txt
            {_kubectl} annotate externalsecret {Postgres.RoleSecret(postgres, owner)} {KubernetesNames.SecretOf(owner)} force-sync="$(date +%s)" --overwrite
            {_kubectl} get cluster {postgres.Name} -o jsonpath='{"{.status.managedRolesStatus}"}'
            ```

            {ServerPasswords(mesh)}

            ### The keys that sign access tokens

            They live in auth's database and rotate by themselves. By hand, as an admin with a fresh second factor: `POST /api/v1/auth/keys/rotate`. A new key is published before it signs, and
            the old one stays published until its last token is dead: that is the overlap, and no request fails. Was one stolen: the same with `"emergency": true`, which refuses every access token
            that is out at once; sessions go on with their refresh tokens. Against a local mesh: `./mesh keys rotate`.

            The key that seals them at rest (`auth-key-encryption-key`) is no password to be changed in the vault: what was sealed under the former cannot be read under another, and auth refuses to
            start. The same holds for `proof-key-encryption-key`. Keep copies of both outside of this vault: a restored database is worth little without them.

            ### API keys

            Their owners rotate them: `POST /api/v1/auth/api-keys/{"{id}"}/rotate` with `overlapSeconds` (a day by default, seven at most). Both secrets are good until then.
            """;
    }

    /// <summary>Servers that are no databases read their password once, at their start: each is told of the new one by hand.</summary>
    private static string ServerPasswords(MeshModel mesh) => string.Join("\n\n", mesh.Servers.Select(server => server.Kind switch
    {
        ServerKind.Redis => $$"""
            ### The password of {{server.Name}}

            Redis admits several passwords at once: the new one is added, then the vault hands it out, and the old one goes with the restart of the pods, which read their Secret at their start. Nobody
            is refused.

            ```sh
            printf '>%s' "$(cat new-password.txt)" | {{_kubectl}} exec -i {{server.Name}}-0 -- sh -c 'REDISCLI_AUTH="$(cat /run/secrets/redis/password)" redis-cli -x ACL SETUSER default'
            vault kv patch secret/talentsphere/{{server.Name}} {{server.PasswordParameter}}=@new-password.txt
            {{_kubectl}} annotate externalsecrets --all force-sync="$(date +%s)" --overwrite
            # When every client has had two minutes:
            {{_kubectl}} rollout restart statefulset/{{server.Name}}
            ```
            """,
        ServerKind.RabbitMq => $$"""
            ### The password of {{server.Name}}

            RabbitMQ's user has one password. Connections that are open stay open; one that is made within the minute until the new Secret has arrived is refused and made again.

            ```sh
            vault kv patch secret/talentsphere/{{server.Name}} {{server.PasswordParameter}}=@new-password.txt
            {{_kubectl}} exec -i {{server.Name}}-server-0 -c rabbitmq -- rabbitmqctl change_password {{RabbitMqServerResource.User}} < new-password.txt
            {{_kubectl}} annotate externalsecrets --all force-sync="$(date +%s)" --overwrite
            ```
            """,
        _ => null,
    }).OfType<string>());

    private static string Scaling(MeshModel mesh) => $"""
        ## Scaling

        {string.Join(", ", mesh.Workloads.Where(w => !IsByQueue(w)).Select(w => w.Name))} follow their processor load (HorizontalPodAutoscaler). {string.Join(" and ", mesh.Workloads.Where(IsByQueue).Select(w => w.Name))}
        follow the length of their queue (KEDA), and never both. Nobody sets `replicas` of a Deployment: the scaler would take it back. For good: patch the scaler in your overlay. For now:

        ```sh
        {_kubectl} get hpa
        {_kubectl} patch hpa {mesh.Workloads.First(w => !IsByQueue(w)).Name} --type=merge -p '{"{\"spec\":{\"minReplicas\":4}}"}'
        {string.Join('\n', mesh.Workloads.Where(IsByQueue).Take(1).Select(w => $"{_kubectl} patch scaledobject {w.Name} --type=merge -p '{{\"spec\":{{\"minReplicaCount\":4}}}}'"))}
        ```

        More pods want more connections: the pooler's limit and PostgreSQL's `max_connections` are computed for one pool per service: 80 sessions of each over all its pods. A queue has one active consumer, which keeps its order: more pods take over faster and serve more requests, and do not
        drain one queue in parallel.
        """;

    private static string Distribution(MeshModel mesh)
    {
        var postgres = mesh.Servers.First(s => s.Kind == ServerKind.Postgres);
        var workers = CitusOverlay.WorkersOf(postgres);
        var database = mesh.DatabasesOn(postgres.Name).Last().Database!.Name;
        return $"""
            ## Beyond one database server

            When the primary of PostgreSQL is the largest machine there is and still short of processor or disk, not before: `prod-citus` is `prod` with {Invariant.Text(workers.Count)} workers beside it. The cluster
            `{postgres.Name}` becomes the coordinator, to which everybody connects as before; each service's migration job distributes what its model says (`docs/adr/0025-where-rows-lie-in-a-distributed-database.md`).
            The operator's image with Citus is yours to build and push, from `AppHost/Kubernetes/Overlays/citus.Dockerfile`; the vault has `{postgres.PasswordParameter}` under `secret/talentsphere/{postgres.Name}` then, the superuser's
            password on every node. None of this has run in a cluster.

            Rows move while their tables are locked, so nobody is served meanwhile. Back up first, and try it with a copy.

            ```sh
            {_kubectl} scale deployment --all --replicas=0
            {_kubectl} delete jobs -l {KubernetesNames.ComponentLabel}={Migrations.Component}
            kubectl apply -k k8s/overlays/prod-citus
            # The nodes are made known to each other, then the tables are distributed; a job that is too early tries again.
            {_kubectl} wait --for=condition=Complete job/{CitusNodes.Name(postgres)} --timeout=30m
            {_kubectl} wait --for=condition=Complete jobs -l {KubernetesNames.ComponentLabel}={Migrations.Component} --timeout=60m
            # Is it so? Every worker, and how much of which table each has:
            {_kubectl} exec -it {postgres.Name}-1 -c postgres -- psql -d {database} -c 'select * from citus_get_active_worker_nodes()'
            {_kubectl} exec -it {postgres.Name}-1 -c postgres -- psql -d {database} -c 'select table_name, nodename, count(*), sum(shard_size) from citus_shards group by 1, 2 order by 1, 2'
            ```

            - A worker more is a number more in `AppHost/Kubernetes/Overlays/CitusOverlay.cs`. Publish, apply, run the job `{CitusNodes.Name(postgres)}` again (delete it first), then move shards to it, in each database:
              `{_kubectl} exec -it {postgres.Name}-1 -c postgres -- psql -d {database} -c 'select citus_rebalance_start()'`; `citus_rebalance_status()` tells how far it is. Writes go on meanwhile.
            - After a [rotated password](#rotation) run the same job again, at once: until it has, new connections from node to node are refused with the old one.
            - A backup is a set: each cluster has its own. Restore all of them to one point that `select citus_create_restore_point('name')` made. The hourly dumps are of the coordinator and hold every row, but no moment that is the same on all nodes.
            - Back again: `undistribute_table`, table by table, then `prod`.
            """;
    }

    private static string Upgrade(MeshModel mesh) => $"""
        ## Upgrade

        Migrations only add. So the new schema is good for the old release, and the order is: migrations, then pods, of which one more is started before one is taken away.

        ```sh
        # A Job cannot be changed: the last release's are deleted first.
        {_kubectl} delete jobs -l {KubernetesNames.ComponentLabel}={Migrations.Component}
        kubectl diff -k k8s/overlays/prod
        kubectl apply -k k8s/overlays/prod
        {_kubectl} rollout status {string.Join(' ', mesh.Workloads.Select(w => $"deployment/{w.Name}"))}
        ```

        ### A canary

        A request with the header `{IstioPolicies.CanaryHeader}: always` goes to pods with the label `{IstioPolicies.TrackLabel}: canary`, all others to `stable`. The canary is a Deployment of another
        name with the new image, the same labels but that one, and with that label in its selector. Without such pods requests with the header are answered 503, and nobody else is.

        ## Roll back

        ```sh
        {_kubectl} rollout undo deployment/{mesh.Workloads.First(w => w.Kind == WorkloadKind.Service).Name}
        {_kubectl} rollout history deployment/{mesh.Workloads.First(w => w.Kind == WorkloadKind.Service).Name}
        ```

        The schema stays: the old release works with it. Then take the tag in your overlay back too, or the next `apply` brings the new release again.
        """;

    private static string BackupAndRestore(MeshModel mesh)
    {
        var postgres = mesh.Servers.First(s => s.Kind == ServerKind.Postgres);
        var owner = mesh.DatabasesOn(postgres.Name).First();
        return $"""
            ## Backup

            | what | how often | where | kept |
            |---|---|---|---|
            | PostgreSQL's write-ahead log | every 16 MB, at the latest after five minutes | the object store of the region (`{BackupStore.Path("us")}`) | 30 days |
            | base backups (ScheduledBackup `{postgres.Name}`) | nightly | the same | 30 days |
            | a dump of each database (CronJob `{Backup.Name}`) | hourly | the volume claim `{Backup.Name}` | 7 days |
            | the namespace with its volumes (Velero's Schedule `{_space}`) | nightly | Velero's store | 30 days |

            Redis holds nothing that cannot be made again. RabbitMQ holds what is under way: published events stay in each service's outbox for 30 days, and projections can be rebuilt from there.
            Verify a backup by restoring it; nothing else proves one. A local mesh has the same with `./mesh backup` and `./mesh restore`, which is where to practise.

            ```sh
            {_kubectl} create job --from=cronjob/{Backup.Name} backup-now
            {_kubectl} wait --for=condition=Complete job/backup-now --timeout=30m
            {_kubectl} logs job/backup-now
            {_kubectl} get backups
            ```

            ## Restore

            ### One database, from its dump

            Into an empty database beside the damaged one, so that nothing is lost by it. The service is stopped first, or it would write on: at zero pods a HorizontalPodAutoscaler leaves a Deployment
            alone, and a ScaledObject does with the annotation `autoscaling.keda.sh/paused-replicas: "0"`. The pooler gives its last sessions up after a minute; before that the renaming is refused.

            ```sh
            {_kubectl} scale deployment/{owner.Name} --replicas=0
            {_kubectl} exec -it {postgres.Name}-1 -c postgres -- psql -c 'alter database {owner.Database!.Name} rename to {owner.Database.Name}_damaged'
            {_kubectl} exec -it {postgres.Name}-1 -c postgres -- psql -c 'create database {owner.Database.Name} owner {owner.Database.Name}'
            # From a pod with the volume claim {Backup.Name}, the newest dump:
            pg_restore --no-owner --exit-on-error --host={KubernetesNames.PoolerOf(postgres)} --username={owner.Database.Name} --dbname={owner.Database.Name} /backup/{owner.Database.Name}/NEWEST.dump
            {_kubectl} scale deployment/{owner.Name} --replicas=2
            ```

            `{postgres.Name}-1` is the primary only if nothing ever moved: `{_kubectl} get cluster {postgres.Name}` says who is.

            ### Everything, to a point in time

            A new cluster is made beside the old one from base backup and log: a copy of `k8s/platform/{postgres.Name}/cluster.yaml` under another name, with `bootstrap.recovery` naming the object store and
            `recoveryTarget.targetTime` (in UTC, with seconds) instead of `bootstrap.initdb`, as `k8s/overlays/prod-eu/following.yaml` does without a target. When it is ready and looked at, the Pooler is
            pointed at it:

            ```sh
            {_kubectl} patch pooler {KubernetesNames.PoolerOf(postgres)} --type=merge -p '{"{\"spec\":{\"cluster\":{\"name\":\"postgres-restored\"}}}"}'
            {_kubectl} rollout restart {string.Join(' ', mesh.Workloads.Where(w => w.Database is not null).Select(w => $"deployment/{w.Name}"))}
            ```

            What services told each other after that point is not told again. Rebuild the projections (`POST /api/v1/admin/SERVICE/events/shadow`), or expect points and notices of a later world.
            """;
    }

    private static string DisasterRecovery(MeshModel mesh) => $"""
        ## Disaster recovery

        What is promised to users: **RTO 4 hours, RPO 1 hour**, for the loss of a whole region. The design aims at less; none of it has been measured in a cluster, and a drill every quarter is how it
        becomes a figure.

        | what is lost | what happens | aimed at: back after | aimed at: lost |
        |---|---|---|---|
        | a pod, a node | others go on; the disruption budget and the spread see to it | no outage | nothing |
        | the primary of PostgreSQL | a replica that confirmed every commit takes over | 1 min | nothing |
        | two nodes of RabbitMQ | events wait in the outboxes | until they are back | nothing |
        | Redis | limits are local shares, caches are cold, revocations are read from auth, until its first pod is back on another node: no other one takes over | no outage | nothing that is not made again |
        | a database's content, by a mistake | [restore](#restore) to a point in time | 2 h | what came after that point |
        | the object store | backups start anew from the running cluster | no outage | the history |
        | a zone | the spread has pods in the others | 5 min | nothing |
        | the region | [failover](#region-failover) | 1 h, most of it deciding | 5 min: the log that was not archived yet |
        | the vault | pods go on with the Secrets that are there; nothing can be rotated | no outage | nothing |
        | the vault and the cluster | the sealing keys from their copies outside, then as the region | 4 h | 5 min |

        In all of this the committed facts of {mesh.Workloads.Count(w => w.Database is not null).ToString(System.Globalization.CultureInfo.InvariantCulture)} databases are what counts: everything else follows from them.
        """;

    private static string RegionFailover(MeshModel mesh)
    {
        var postgres = mesh.Servers.First(s => s.Kind == ServerKind.Postgres);
        return $"""
            ## Region failover

            `prod-us` takes all traffic. `prod-eu` stands by: its PostgreSQL follows through the object store, its Deployments have no pods. Two writers would be worse than an outage; so a person decides.

            ```sh
            # 1. us does not write any more: cut it off if it can still be reached (context us).
            kubectl --context us -n {_space} scale deployment --all --replicas=0
            # 2. eu has all the log there is (context eu): the lag is in the status.
            kubectl --context eu -n {_space} get cluster {postgres.Name}
            # 3. eu's database writes, its workloads come up.
            kubectl --context eu apply -k k8s/overlays/prod-eu-takeover
            kubectl --context eu -n {_space} wait --for=condition=Ready cluster/{postgres.Name} --timeout=15m
            # 4. The public name points to eu's gateway: your DNS.
            kubectl --context eu -n {_space} get gateways.gateway.networking.k8s.io {Surroundings.PublicGateway}
            ```

            Back again: us is built anew as the one that follows (an overlay like `prod-eu` with the names exchanged), and the same is done in the other direction. The old us is never simply started.
            """;
    }

    private static string Experiments(MeshModel mesh) => $"""
        ## Experiments

        ```sh
        kubectl apply -k k8s/chaos
        # Kill every pod of a service at once:
        {_kubectl} create job --from=cronjob/kill-{mesh.Workloads.First(w => w.Kind == WorkloadKind.Service).Name} kill-once
        # Cut a server off; undone by applying the policies again:
        {_kubectl} create job --from=cronjob/cut-off-{mesh.Servers[^1].Name} cut-once
        kubectl apply -k k8s/policy/network
        # Make a service slow for its callers; undone by applying its routes again:
        kubectl apply -f k8s/chaos/faults/slow-{mesh.Workloads.First(w => w.Kind == WorkloadKind.Service).Name}.yaml
        kubectl apply -f k8s/policy/istio/{mesh.Workloads.First(w => w.Kind == WorkloadKind.Service).Name}-routes.yaml
        ```

        Say before what you expect, and which alert; look whether it came.
        """;

    private static string Runbooks(MeshModel mesh)
    {
        var text = new StringBuilder("## Runbooks\n\nOne for each alert, written from the same place as the alert.\n");
        foreach (var alert in Alerts.Of(mesh))
        {
            text.Append($"\n### {alert.Name}\n\n{alert.Severity}, after {alert.For}. {alert.Meaning}\n\n");
            foreach (var (step, i) in alert.Steps.Select((s, i) => (s, i)))
                text.Append($"{Invariant.Text(i + 1)}. {step}\n");
        }
        return text.ToString();
    }

    private static bool IsByQueue(Workload workload) => Workloads.WorkloadScaling.IsByQueue(workload);

    private static string Listed(IReadOnlyList<string> names) => string.Join(", ", names);

    private static List<(string Path, List<string> Properties)> VaultPaths(MeshModel mesh) =>
    [
        .. mesh.Parameters.Where(p => p.Secret && !mesh.Servers.Any(s => s.Kind == ServerKind.Postgres && s.PasswordParameter == p.Name)).Select(p => (p.Owner, p.Name))
            .Concat(BackupStore.Properties.Select(p => (BackupStore.Owner, p)))
            .GroupBy(p => p.Item1, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Select(p => p.Item2).Order(StringComparer.Ordinal).ToList())),
    ];
}
