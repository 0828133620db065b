using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>For clusters that have an ingress controller instead of the Gateway API.</summary>
internal sealed class IngressOverlay : IOverlay
{
    private const string _name = "prod-ingress";
    private const string _controller = "ingress-nginx";

    public IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders)
    {
        foreach (var gateway in mesh.Workloads.Where(w => w.Kind == WorkloadKind.Gateway))
        {
            var labels = KubernetesNames.Labels(gateway);
            var seconds = Invariant.Text((int)gateway.LongestRequest.TotalSeconds + 10);
            var ingress = KubernetesNames.Document("networking.k8s.io/v1", "Ingress", gateway.Name, labels, new Map
            {
                ["cert-manager.io/cluster-issuer"] = PublicEdge.Issuer,
                ["nginx.ingress.kubernetes.io/ssl-redirect"] = "true",
                ["nginx.ingress.kubernetes.io/proxy-body-size"] = "11m",
                ["nginx.ingress.kubernetes.io/proxy-read-timeout"] = seconds,
                ["nginx.ingress.kubernetes.io/proxy-send-timeout"] = seconds,
            });
            ingress["spec"] = new Map
            {
                ["ingressClassName"] = "nginx",
                ["tls"] = new[] { new Map { ["hosts"] = new[] { ProductionOverlay.Host }, ["secretName"] = $"{gateway.Name}-tls" } },
                ["rules"] = new[]
                {
                    new Map
                    {
                        ["host"] = ProductionOverlay.Host,
                        ["http"] = new Map
                        {
                            ["paths"] = new[]
                            {
                                new Map
                                {
                                    ["path"] = "/",
                                    ["pathType"] = "Prefix",
                                    ["backend"] = new Map { ["service"] = new Map { ["name"] = gateway.Name, ["port"] = new Map { ["name"] = KubernetesNames.PortName } } },
                                },
                            },
                        },
                    },
                },
            };
            yield return new($"overlays/{_name}/ingress.yaml", ingress);

            var entered = Surroundings.Namespace(_controller);
            yield return new(
                $"overlays/{_name}/networkpolicy.yaml",
                NetworkEdge.Policy($"{gateway.Name}-from-ingress", labels, KubernetesNames.Selector(gateway.Name), ingress: NetworkEdge.Rule("from", entered, KubernetesNames.Port)),
                NetworkEdge.Policy("acme-solver-from-ingress", labels, PublicEdge.Solver, ingress: NetworkEdge.Rule("from", entered, PublicEdge.SolverPort)));
            yield return IstioPolicies.Allowed($"overlays/{_name}", "authorizationpolicy", "ingress", Surroundings.Principal(_controller, _controller), gateway.Name);
        }
        var solver = new Map { ["http01"] = new Map { ["ingress"] = new Map { ["ingressClassName"] = "nginx" } } };
        yield return OverlayWriter.Kustomization(
            _name, ["../prod", "ingress.yaml", "networkpolicy.yaml", "authorizationpolicy.yaml"],
            [Patches.RemoveLabelled(KubernetesNames.ComponentLabel, PublicEdge.Component), Patches.Change("ClusterIssuer", PublicEdge.Issuer, ("replace", "/spec/acme/solvers", new[] { solver }))],
            why: "Instead of the Gateway API. The certificate's Secret is the ingress controller's: cert-manager makes it from the annotation.\n"
                + "The controller's pods have to take part in the service mesh: nobody else gets in.");
    }
}
