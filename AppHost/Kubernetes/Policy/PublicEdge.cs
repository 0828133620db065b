namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>The one way in: a proxy of its own, a Gateway with a certificate, a route to the workload that is open to the outside, and plain HTTP only as a signpost.</summary>
internal sealed class PublicEdge : IManifestSection
{
    /// <summary>The name that overlays replace by their own.</summary>
    public const string Host = Overlays.ProductionOverlay.Host;

    /// <summary>The component of everything that goes away where another way in is chosen.</summary>
    public const string Component = "edge";

    public const string Certificate = "public-tls";
    public const string Issuer = "letsencrypt";

    /// <summary>The port on which cert-manager's pod answers the certificate authority.</summary>
    public const int SolverPort = 8089;

    /// <summary>The pods that cert-manager makes here while a certificate is asked for.</summary>
    public static Map Solver => new() { ["acme.cert-manager.io/http01-solver"] = "true" };

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        var labels = KubernetesNames.Labels(Surroundings.PublicGateway, Component);
        if (mesh.Workloads.FirstOrDefault(w => w.Kind == WorkloadKind.Gateway) is not { } target)
            yield break;

        var gateway = KubernetesNames.Document("gateway.networking.k8s.io/v1", "Gateway", Surroundings.PublicGateway, labels);
        gateway["spec"] = new Map
        {
            ["gatewayClassName"] = "istio",
            ["listeners"] = new[]
            {
                Listener("http", 80, "HTTP", tls: null),
                Listener("https", 443, "HTTPS", new() { ["mode"] = "Terminate", ["certificateRefs"] = new[] { new Map { ["kind"] = "Secret", ["name"] = Certificate } } }),
            },
        };
        yield return new("policy/edge/gateway.yaml", gateway);

        var certificate = KubernetesNames.Document("cert-manager.io/v1", "Certificate", Surroundings.PublicGateway, labels);
        certificate["spec"] = new Map
        {
            ["secretName"] = Certificate,
            ["dnsNames"] = new[] { Host },
            ["duration"] = "2160h",
            ["renewBefore"] = "720h",
            ["privateKey"] = new Map { ["algorithm"] = "ECDSA", ["size"] = 256, ["rotationPolicy"] = "Always" },
            ["issuerRef"] = new Map { ["group"] = "cert-manager.io", ["kind"] = "ClusterIssuer", ["name"] = Issuer },
        };
        yield return new("policy/edge/certificate.yaml", certificate);

        var issuer = KubernetesNames.Document("cert-manager.io/v1", "ClusterIssuer", Issuer, KubernetesNames.Labels(Issuer, "issuer"));
        // An issuer belongs to the cluster and to no namespace.
        ((Map)issuer["metadata"]!)["namespace"] = null;
        issuer["spec"] = new Map
        {
            ["acme"] = new Map
            {
                ["server"] = "https://acme-v02.api.letsencrypt.org/directory",
                ["privateKeySecretRef"] = new Map { ["name"] = "letsencrypt-account" },
                ["solvers"] = new[]
                {
                    new Map
                    {
                        ["http01"] = new Map
                        {
                            ["gatewayHTTPRoute"] = new Map
                            {
                                ["parentRefs"] = new[]
                                {
                                    new Map
                                    {
                                        ["group"] = "gateway.networking.k8s.io", ["kind"] = "Gateway", ["name"] = Surroundings.PublicGateway, ["namespace"] = KubernetesNames.Namespace,
                                        ["sectionName"] = "http",
                                    },
                                },
                            },
                        },
                    },
                },
            },
        };
        yield return new("policy/edge/issuer.yaml", issuer);

        yield return new("policy/edge/route.yaml", Route("public", "https", labels, new Map
        {
            ["matches"] = new[] { new Map { ["path"] = new Map { ["type"] = "PathPrefix", ["value"] = "/" } } },
            ["backendRefs"] = new[] { new Map { ["name"] = target.Name, ["port"] = KubernetesNames.ServicePort } },
        }));
        yield return new("policy/edge/redirect.yaml", Route("public-redirect", "http", labels, new Map
        {
            ["filters"] = new[]
            {
                new Map { ["type"] = "RequestRedirect", ["requestRedirect"] = new Map { ["scheme"] = "https", ["statusCode"] = 301 } },
            },
        }));

        // What stays inside stays there: the numbers and the deep check are no business of the outside.
        var policy = KubernetesNames.Document("security.istio.io/v1", "AuthorizationPolicy", "public", labels);
        policy["spec"] = new Map
        {
            ["targetRefs"] = new[] { new Map { ["group"] = "gateway.networking.k8s.io", ["kind"] = "Gateway", ["name"] = Surroundings.PublicGateway } },
            ["action"] = "ALLOW",
            ["rules"] = new[] { new Map { ["to"] = new[] { new Map { ["operation"] = new Map { ["notPaths"] = new[] { "/metrics", "/health/deep" } } } } } },
        };
        yield return new("policy/edge/authorization.yaml", policy);
        yield return IstioPolicies.Allowed(
            "policy/edge", $"{Surroundings.PublicGateway}-to-{target.Name}-allowed", Surroundings.PublicGateway, Surroundings.Principal(Surroundings.PublicGatewayAccount), target.Name, Component);

        var proxy = new Map { [Surroundings.PublicGatewayLabel] = Surroundings.PublicGateway };
        yield return new(
            "policy/edge/network.yaml",
            NetworkEdge.Policy("public-entered", labels, proxy, ingress: NetworkEdge.Rule("from", peer: null, 80, 443)),
            NetworkEdge.Policy("public-to-istiod", labels, proxy, egress: NetworkEdge.Rule("to", Surroundings.Pods(Surroundings.IstioNamespace, "app", "istiod"), Surroundings.IstioPort)));
        yield return NetworkEdge.Of("policy/edge", Surroundings.PublicGateway, proxy, "acme-solver", Solver, SolverPort);
        yield return NetworkEdge.Of("policy/edge", Surroundings.PublicGateway, proxy, target.Name, KubernetesNames.Selector(target.Name), KubernetesNames.Port);
    }

    private static Map Listener(string name, int port, string protocol, Map? tls) => new()
    {
        ["name"] = name,
        ["hostname"] = Host,
        ["port"] = port,
        ["protocol"] = protocol,
        ["tls"] = tls,
        ["allowedRoutes"] = new Map { ["namespaces"] = new Map { ["from"] = "Same" } },
    };

    private static Map Route(string name, string section, Map labels, Map rule)
    {
        var route = KubernetesNames.Document("gateway.networking.k8s.io/v1", "HTTPRoute", name, labels);
        route["spec"] = new Map
        {
            ["parentRefs"] = new[] { new Map { ["name"] = Surroundings.PublicGateway, ["sectionName"] = section } },
            ["hostnames"] = new[] { Host },
            ["rules"] = new[] { rule },
        };
        return route;
    }
}
