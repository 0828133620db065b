using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>
/// Beside the database's own base backups and log: a logical dump of each service's database every hour, which can be restored alone and into another version, and the
/// namespace with its volumes every night by Velero.
/// </summary>
internal sealed class Backup : IManifestSection
{
    public const string Name = "backup";

    private const string _logins = "/run/secrets/logins";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        var labels = KubernetesNames.Labels(Name, Name);
        var account = KubernetesNames.Document("v1", "ServiceAccount", Name, labels);
        account["automountServiceAccountToken"] = false;
        yield return new("platform/backup/serviceaccount.yaml", account);

        var volume = KubernetesNames.Document("v1", "PersistentVolumeClaim", Name, labels);
        volume["spec"] = new Map { ["accessModes"] = new[] { "ReadWriteOnce" }, ["resources"] = new Map { ["requests"] = new Map { ["storage"] = "100Gi" } } };
        yield return new("platform/backup/persistentvolumeclaim.yaml", volume);

        foreach (var server in mesh.Servers.Where(s => s.Kind == ServerKind.Postgres))
            yield return new("platform/backup/cronjob.yaml", Dumps(server, [.. mesh.DatabasesOn(server.Name)], labels));

        yield return new("platform/backup/schedule.yaml", new Map
        {
            ["apiVersion"] = "velero.io/v1",
            ["kind"] = "Schedule",
            ["metadata"] = new Map { ["name"] = KubernetesNames.Namespace, ["namespace"] = "velero", ["labels"] = labels },
            ["spec"] = new Map
            {
                ["schedule"] = "30 2 * * *",
                ["template"] = new Map
                {
                    ["includedNamespaces"] = new[] { KubernetesNames.Namespace },
                    // Secrets come from the vault again, and the database from its own backups.
                    ["excludedResources"] = new[] { "secrets", "pods", "replicasets", "endpoints", "endpointslices", "events" },
                    ["snapshotVolumes"] = true,
                    ["storageLocation"] = "default",
                    ["ttl"] = "720h0m0s",
                },
            },
        });
    }

    private static Map Dumps(Server server, List<Workload> owners, Map labels)
    {
        var script = $$"""
            set -eu
            failed=0
            stamp="$(date -u +%Y%m%dT%H%M%SZ)"
            for login in {{_logins}}/*; do
              database="$(basename "$login")"
              export PGPASSFILE="/tmp/pgpass-$database"
              (umask 077; printf '*:*:*:*:%s\n' "$(sed 's/[\\:]/\\&/g' "$login")" >"$PGPASSFILE")
              target="/backup/$database/$stamp.dump"
              mkdir -p "/backup/$database"
              # One database that cannot be read does not keep the others from being kept.
              if ! { pg_dump --format=custom --no-owner --host={{KubernetesNames.HostOf(server)}} --username="$database" --dbname="$database" --file="$target.part" \
                  && pg_restore --list "$target.part" >/dev/null && mv "$target.part" "$target"; }; then
                echo "$database: not kept" >&2
                failed=1
                continue
              fi
              find "/backup/$database" -name '*.dump' -mtime +7 -delete
              echo "$database: $(stat -c %s "$target") bytes in $target"
            done
            exit "$failed"

            """.ReplaceLineEndings("\n");
        var inside = KubernetesNames.Labels(Name, Name);
        inside[KubernetesNames.InjectLabel] = "false";
        var job = KubernetesNames.Document("batch/v1", "CronJob", Name, labels);
        job["spec"] = new Map
        {
            ["schedule"] = "15 * * * *",
            ["timeZone"] = "Etc/UTC",
            ["concurrencyPolicy"] = "Forbid",
            ["startingDeadlineSeconds"] = 600,
            ["successfulJobsHistoryLimit"] = 3,
            ["failedJobsHistoryLimit"] = 3,
            ["jobTemplate"] = new Map
            {
                ["spec"] = new Map
                {
                    ["backoffLimit"] = 2,
                    ["activeDeadlineSeconds"] = 3000,
                    ["template"] = new Map
                    {
                        ["metadata"] = new Map { ["labels"] = inside },
                        ["spec"] = new Map
                        {
                            ["restartPolicy"] = "Never",
                            ["serviceAccountName"] = Name,
                            ["automountServiceAccountToken"] = false,
                            ["enableServiceLinks"] = false,
                            ["securityContext"] = PodHardening.Pod(),
                            ["containers"] = new[]
                            {
                                new Map
                                {
                                    ["name"] = "dump",
                                    ["image"] = ServerImages.Postgres(server),
                                    ["imagePullPolicy"] = "IfNotPresent",
                                    ["command"] = new[] { "bash", "-c", script },
                                    ["resources"] = PodResources.Bounds("250m", "256Mi", "1", "512Mi"),
                                    ["securityContext"] = PodHardening.Container(),
                                    ["volumeMounts"] = new[]
                                    {
                                        new Map { ["name"] = "tmp", ["mountPath"] = "/tmp" },
                                        new Map { ["name"] = "backup", ["mountPath"] = "/backup" },
                                        new Map { ["name"] = "logins", ["mountPath"] = _logins, ["readOnly"] = true },
                                    },
                                },
                            },
                            ["volumes"] = new[]
                            {
                                new Map { ["name"] = "tmp", ["emptyDir"] = new Map { ["sizeLimit"] = "16Mi" } },
                                new Map { ["name"] = "backup", ["persistentVolumeClaim"] = new Map { ["claimName"] = Name } },
                                new Map
                                {
                                    ["name"] = "logins",
                                    ["projected"] = new Map
                                    {
                                        ["defaultMode"] = PodHardening.OwnerAndGroupRead,
                                        ["sources"] = owners.Select(o => new Map
                                        {
                                            ["secret"] = new Map
                                            {
                                                ["name"] = Postgres.RoleSecret(server, o),
                                                ["items"] = new[] { new Map { ["key"] = "password", ["path"] = o.Database!.Name } },
                                            },
                                        }),
                                    },
                                },
                            },
                        },
                    },
                },
            },
        };
        return job;
    }
}
