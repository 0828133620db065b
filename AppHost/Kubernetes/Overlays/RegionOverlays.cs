using TalentSphere.AppHost.Kubernetes.Platform;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>
/// Two regions: us takes all traffic, eu stands by. The database of eu follows that of us through the object store; its workloads are there at zero pods, so that
/// nobody writes twice. Taking over is applying <c>prod-eu-takeover</c>, which makes eu's database the one that writes and lets the pods come up.
/// </summary>
internal sealed class RegionOverlays : IOverlay
{
    private const string _home = "us";
    private const string _standby = "eu";

    public IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders)
    {
        var postgres = mesh.Servers.FirstOrDefault(s => s.Kind == ServerKind.Postgres);
        if (postgres is null)
            yield break;
        yield return OverlayWriter.Kustomization($"prod-{_home}", ["../prod"], [Region(_home), BackupTo(_home)], why: "The region that takes all traffic.");

        var following = Following(postgres, enabled: true);
        yield return new($"overlays/prod-{_standby}/following.yaml", following) { IsPart = true };
        yield return OverlayWriter.Kustomization(
            $"prod-{_standby}", ["../prod"],
            [
                Region(_standby), BackupTo(_standby), NoBootstrap(), Patches.Merge("following.yaml"),
                Patches.Change("Deployment", null, ("add", "/spec/replicas", 0)),
                Patches.Change("ScaledObject", null, ("add", "/metadata/annotations", new Map { ["autoscaling.keda.sh/paused-replicas"] = "0" })),
                Patches.Change("CronJob", Backup.Name, ("add", "/spec/suspend", true)),
                Patches.Change("ScheduledBackup", null, ("add", "/spec/suspend", true)),
                Patches.Remove("Job"),
                Patches.Remove("NetworkPolicy", ".*migration.*"),
            ],
            why: $"Stands by: its database follows the one of {_home}, and its workloads have no pods (an autoscaler leaves a Deployment alone that asks for none).");

        yield return new($"overlays/prod-{_standby}-takeover/following.yaml", Following(postgres, enabled: false)) { IsPart = true };
        yield return OverlayWriter.Kustomization(
            $"prod-{_standby}-takeover", ["../prod"], [Region(_standby), BackupTo(_standby), NoBootstrap(), Patches.Merge("following.yaml")],
            why: $"Takes over: the database stops following {_home} and writes, the workloads come up. Not to be applied while {_home} still writes.");
    }

    private static Map Region(string region) => Patches.Change("Deployment", null, ("add", "/spec/template/metadata/labels/talentsphere.io~1region", region));

    private static Map BackupTo(string region) => Patches.Change("Cluster", null, ("replace", "/spec/backup/barmanObjectStore/destinationPath", BackupStore.Path(region)));

    private static Map NoBootstrap() => Patches.Change("Cluster", null, ("remove", "/spec/bootstrap/initdb", null));

    private static Map Following(Server postgres, bool enabled)
    {
        var source = $"{postgres.Name}-{_home}";
        return new()
        {
            ["apiVersion"] = "postgresql.cnpg.io/v1",
            ["kind"] = "Cluster",
            ["metadata"] = new Map { ["name"] = postgres.Name, ["namespace"] = KubernetesNames.Namespace },
            ["spec"] = new Map
            {
                ["bootstrap"] = new Map { ["recovery"] = new Map { ["source"] = source } },
                ["replica"] = new Map { ["enabled"] = enabled, ["source"] = source },
                ["externalClusters"] = new[] { new Map { ["name"] = source, ["barmanObjectStore"] = BackupStore.Barman(_home, postgres.Name) } },
            },
        };
    }
}
