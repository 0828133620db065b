using System.Text.Json.Nodes;
using TalentSphere.Kubernetes.Tests.Rules;
using TalentSphere.Kubernetes.Tests.Schemas;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>Every check can fail: what production renders is broken in one place, and exactly the check that is about it goes red.</summary>
public sealed class MutationTests
{
    private const string _overlay = "prod";
    private const string _container = "spec.template.spec.containers.0";

    /// <summary>What a schema has to see.</summary>
    private static readonly Dictionary<string, Action<RenderedSet>> _schema = new()
    {
        ["a misspelt probe"] = s => Rename(Get(s, "Deployment", "lms"), $"{_container}.livenessProbe", "livenesProbe"),
        ["a version that is gone"] = s => Get(s, "Deployment", "lms")["apiVersion"] = "extensions/v1beta1",
        ["a kind that is none"] = s => Get(s, "Deployment", "lms")["kind"] = "Deploymnet",
        ["a number in words"] = s => Set(Get(s, "Deployment", "lms"), "spec.replicas", "two"),
        ["a quantity that is none"] = s => Set(Get(s, "Deployment", "lms"), $"{_container}.resources.requests.cpu", "100millis"),
        ["a scheme in lower case"] = s => Set(Get(s, "Deployment", "lms"), $"{_container}.readinessProbe.httpGet.scheme", "http"),
        ["a port beyond the last"] = s => Set(Get(s, "Deployment", "lms"), $"{_container}.ports.0.containerPort", 99999),
        ["a misspelt field of a custom kind"] = s => Rename(Get(s, "ScaledObject", "gamification"), "spec.maxReplicaCount", "maxReplicas"),
        ["a required field left out"] = s => Remove(Get(s, "Deployment", "lms"), "spec.selector"),
        ["a field that Istio does not have, at its root"] = s => Get(s, "PeerAuthentication", "default")["mtls"] = new JsonObject(),
        ["a choice that Istio does not have"] = s => Set(Get(s, "PeerAuthentication", "default"), "spec.mtls.mode", "VERY"),
        ["a pattern that does not match"] = s => Set(Get(s, "ServiceMonitor", "lms"), "spec.endpoints.0.interval", "15 seconds"),
        ["a label that is none"] = s => Set(Get(s, "Service", "lms"), "metadata.labels.talentsphere", "not a label!"),
        ["a name that is none"] = s => Set(Get(s, "Service", "lms"), "metadata.name", "Lms_1"),
        ["nothing where something is"] = s => Set(Get(s, "Deployment", "lms"), "spec.strategy", null),
        ["a variable twice"] = s => At(Get(s, "Deployment", "lms"), $"{_container}.env").AsArray().Add(At(Get(s, "Deployment", "lms"), $"{_container}.env.0").DeepClone()),
        ["a percentage that is none"] = s => Set(Get(s, "PodDisruptionBudget", "lms"), "spec.maxUnavailable", "half"),
        ["a protocol that is none"] = s => Set(Get(s, "Service", "lms"), "spec.ports.0.protocol", "tcp"),
        ["a policy type that is none"] = s => Set(Get(s, "NetworkPolicy", "default-deny"), "spec.policyTypes.0", "ingress"),
        ["a number that does not fit"] = s => Set(Get(s, "Deployment", "lms"), "spec.revisionHistoryLimit", 5_000_000_000),
        ["a misspelt field of a kind that is declared here"] = s => Rename(Get(s, "Database", "postgres-lms"), "spec.owner", "ownr"),
    };

    /// <summary>What a rule has to see, each with the rule that it is: that one and no other.</summary>
    private static readonly (string Broken, string Rule, Action<RenderedSet> Break)[] _rules =
    [
        ("a selector that is not the pods' labels", "selector", s => Set(Get(s, "StatefulSet", "redis"), "spec.selector.matchLabels.app", "other")),
        ("two owners of the same pods", "selector", s => Set(Get(s, "Deployment", "lms"), "spec.selector.matchLabels", new JsonObject { ["app.kubernetes.io/part-of"] = "talentsphere" })),
        ("another namespace", "namespace", s => Set(Get(s, "PodDisruptionBudget", "lms"), "metadata.namespace", "default")),
        ("a label left out", "labels", s => Remove(Get(s, "StatefulSet", "redis"), "metadata.labels", "app.kubernetes.io/part-of")),
        ("a port dropped", "named-ports", s => Set(Get(s, "Deployment", "lms"), $"{_container}.ports.0.name", "web")),
        ("a port of a Service that no pod has", "named-ports", s => Set(Get(s, "Service", "lms"), "spec.ports.0.targetPort", "https")),
        ("a port beyond the last, in a custom kind", "ports", s => Set(Get(s, "DestinationRule", "lms"), "spec.trafficPolicy.port", 70000)),
        ("a Service that selects nothing", "service-targets", s => Set(Get(s, "Service", "redis-nodes"), "spec.selector", new JsonObject { ["app"] = "nobody" })),
        ("an autoscaler of nobody", "scale-targets", s =>
        {
            Set(Get(s, "HorizontalPodAutoscaler", "lms"), "spec.scaleTargetRef.name", "lsm");
            Set(Get(s, "Deployment", "lms"), "spec.replicas", 2);
        }),
        ("a budget of nobody", "disruption-targets", s => Set(Get(s, "PodDisruptionBudget", "rabbitmq"), "spec.selector", Labelled("app", "nobody"))),
        ("a monitor of nobody", "monitor-targets", s => Set(Get(s, "ServiceMonitor", "lms"), "spec.selector", Labelled("app", "nobody"))),
        ("a monitor of a port that is not there", "monitor-targets", s => Set(Get(s, "ServiceMonitor", "lms"), "spec.endpoints.0.port", "metrics")),
        ("two monitors of one cluster", "monitor-targets", s => Set(Get(s, "Cluster", "postgres"), "spec.monitoring", new JsonObject { ["enablePodMonitor"] = true })),
        ("a key that a ConfigMap does not have", "config-references", s => Set(Get(s, "Deployment", "lms"), $"{_container}.env.0.valueFrom.configMapKeyRef.key", "isuer")),
        ("a ConfigMap that is not there", "config-references", s => Set(Get(s, "Job", "lms-migration"), $"{_container}.envFrom.0.configMapRef.name", "lms")),
        ("a Secret that nothing makes", "secret-references", s => Set(Get(s, "TriggerAuthentication", "gamification-queue"), "spec.secretTargetRef.0.name", "gamification")),
        ("a key that a Secret does not have", "secret-references", s => Set(Get(s, "TriggerAuthentication", "gamification-queue"), "spec.secretTargetRef.0.key", "host")),
        ("a secret file where none is", "secret-files", s => Set(Get(s, "ConfigMap", "jobs-config"), "data.Mail__Key_FILE", "/run/secrets/talentsphere/Mail__Key")),
        ("an account that is not there", "accounts", s => Set(Get(s, "StatefulSet", "redis"), "spec.template.spec.serviceAccountName", "rdis")),
        ("an account shared", "accounts", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.serviceAccountName", "jobs")),
        ("a route to nowhere", "routes", s => Set(Get(s, "HTTPRoute", "public"), "spec.rules.0.backendRefs.0.port", 8080)),
        ("a route through a Gateway that is not there", "routes", s => Set(Get(s, "HTTPRoute", "public"), "spec.parentRefs.0.name", "private")),
        ("another name on the certificate", "public-name", s => Set(Get(s, "Certificate", "public"), "spec.dnsNames.0", "talentsphere.test")),
        ("a destination that is not there", "istio-hosts", s => Set(Get(s, "VirtualService", "lms"), "spec.http.1.route.0.destination.host", "lsm.talentsphere.svc.cluster.local")),
        ("a subset that takes no pod", "istio-hosts", s => Set(Get(s, "DestinationRule", "lms"), "spec.subsets.0.labels", new JsonObject { ["app"] = "x" })),
        ("an address that is no reference", "discovery", s => Set(Get(s, "ConfigMap", "lms-config"), "data.services__jobs__http__0", "http://jobs")),
        ("a reference without an address", "discovery", s => Remove(Get(s, "ConfigMap", "lms-config"), "data", "services__auth__http__0")),
        ("an address where nobody answers", "discovery", s => Set(Get(s, "ConfigMap", "lms-config"), "data.services__auth__http__0", "http://auth:81")),
        ("a pooler of nothing", "server-references", s => Set(Get(s, "Pooler", "postgres-pooler"), "spec.cluster.name", "postgers")),
        ("a store that is not there", "server-references", s => Set(Get(s, "ExternalSecret", "lms-secrets"), "spec.secretStoreRef.name", "valut")),
        ("a mount of nothing", "volumes", s => Set(Get(s, "StatefulSet", "redis"), $"{_container}.volumeMounts.0.name", "nothing")),
        ("a probe that waits for ever", "probes", s => Remove(Get(s, "Deployment", "lms"), $"{_container}.startupProbe.timeoutSeconds")),
        ("a user of the system", "user", s => Set(Get(s, "StatefulSet", "redis"), $"{_container}.securityContext.runAsUser", 999)),
        ("the port of a node", "host", s => Set(Get(s, "Deployment", "lms"), $"{_container}.ports.0.hostPort", 8080)),
        ("no folder to write to", "scratch", s => Remove(Get(s, "Deployment", "lms"), "spec.template.spec.volumes.0.emptyDir", "sizeLimit")),
        ("more asked than allowed", "resources", s => Set(Get(s, "Deployment", "lms"), $"{_container}.resources.requests.memory", "2Gi")),
        ("no time to finish", "drain", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.terminationGracePeriodSeconds", 20)),
        ("no pause before the end", "drain", s => Remove(Get(s, "Deployment", "lms"), _container, "lifecycle")),
        ("a node that nobody may drain", "disruption", s => Set(Get(s, "PodDisruptionBudget", "lms"), "spec.maxUnavailable", 0)),
        ("all pods on one node", "spread", s => Remove(Get(s, "Deployment", "lms"), "spec.template.spec", "topologySpreadConstraints")),
        ("pods taken away first", "rollout", s => Set(Get(s, "Deployment", "lms"), "spec.strategy.rollingUpdate.maxUnavailable", 1)),
        ("traces sent nowhere", "telemetry", s => Set(Get(s, "ConfigMap", "lms-config"), "data.OTEL_SERVICE_NAME", "learning")),
        ("replicas beside a scaler", "scaled-replicas", s => Set(Get(s, "Deployment", "lms"), "spec.replicas", 3)),
        ("a key that no scaler knows", "trigger-keys", s => Set(Get(s, "ScaledObject", "gamification"), "spec.triggers.0.metadata.queuename", "x")),
        ("another's queue", "queues", s => Set(Get(s, "ScaledObject", "gamification"), "spec.triggers.0.metadata.queueName", "notification.events")),
        ("a queue misspelt", "queues", s => Set(Get(s, "ScaledObject", "gamification"), "spec.triggers.0.metadata.queueName", "gamification.event")),
        ("a broker's short name", "trigger-host", s =>
        {
            var data = At(Get(s, "ExternalSecret", "gamification-secrets"), "spec.target.template.data");
            data["ConnectionStrings__rabbitmq"] = data["ConnectionStrings__rabbitmq"]!.ToString().Replace("rabbitmq.talentsphere.svc", "rabbitmq");
        }),
        ("more pods at least than at most", "scale-bounds", s => Set(Get(s, "HorizontalPodAutoscaler", "lms"), "spec.minReplicas", 9)),
        ("a password in an argument", "no-secret-variables", s => Set(Get(s, "Job", "lms-migration"), $"{_container}.args.0", "--password hunter22")),
        ("a secret as a variable", "no-secret-variables", s => Set(Get(s, "ConfigMap", "lms-config"), "data.Mail__Password", "x")),
        ("a password in an address", "no-secret-values", s => Set(Get(s, "ConfigMap", "lms-config"), "data.BROKER", "amqp://talentsphere:hunter2@rabbitmq")),
        ("a password in a connection string", "no-secret-values", s => Set(Get(s, "ConfigMap", "lms-config"), "data.DATABASE", "Host=postgres;Password=hunter2")),
        ("a key that stands there", "no-secret-values", s => Set(Get(s, "ConfigMap", "lms-config"), "data.PEM", "-----BEGIN EC PRIVATE KEY-----")),
        ("a reference without its network policy", "network-edges", s => Set(Get(s, "NetworkPolicy", "lms-to-auth"), "spec.egress.0.ports.0.port", 8081)),
        ("an edge that is no reference", "network-edges", s =>
        {
            Set(Get(s, "NetworkPolicy", "lms-to-auth"), "spec.egress.0.to.0.podSelector", new JsonObject());
            Set(Get(s, "NetworkPolicy", "judge-from-challenges"), "spec.ingress.0.from.0.podSelector", new JsonObject());
        }),
        ("a server that its user does not reach", "server-edges", s => Set(Get(s, "NetworkPolicy", "redis-from-lms"), "spec.ingress.0.from.0.podSelector", Labelled("app.kubernetes.io/name", "jobs"))),
        ("a server that somebody reaches who does not use it", "server-edges", s =>
        {
            Set(Get(s, "NetworkPolicy", "redis-from-lms"), "spec.ingress.0.from.0.podSelector", new JsonObject());
            Set(Get(s, "NetworkPolicy", "judge-to-collector"), "spec.egress.0", new JsonObject { ["to"] = new JsonArray(new JsonObject { ["podSelector"] = new JsonObject() }) });
        }),
        ("a process that anybody reaches", "outside", s => Remove(Get(s, "NetworkPolicy", "lms-scraped"), "spec.ingress.0", "from")),
        ("a process that reaches everything", "outside", s => At(Get(s, "NetworkPolicy", "lms-to-collector"), "spec.egress.0.to").AsArray()
            .Add(new JsonObject { ["ipBlock"] = new JsonObject { ["cidr"] = "0.0.0.0/0" } })),
        ("a certificate that cannot be had", "certificates", s => Set(Get(s, "NetworkPolicy", "acme-solver-from-public"), "spec.ingress.0.ports.0.port", 8090)),
        ("mail that cannot leave", "mail", s => Set(Get(s, "NetworkPolicy", "auth-to-mail"), "spec.egress.0.ports", new JsonArray(new JsonObject { ["port"] = 465 }))),
        ("numbers that nobody reads", "scraped", s => Set(Get(s, "NetworkPolicy", "lms-scraped"), "spec.ingress.0.from.0.namespaceSelector.matchLabels", new JsonObject { ["kubernetes.io/metadata.name"] = "elsewhere" })),
        ("traces that do not leave", "collected", s => Set(Get(s, "NetworkPolicy", "lms-to-collector"), "spec.egress.0.ports.0.port", 4318)),
        ("names that cannot be asked for", "dns", s => At(Get(s, "NetworkPolicy", "dns"), "spec.egress.0.ports").AsArray().RemoveAt(0)),
        ("a policy that takes nobody", "network-selectors", s => Set(Get(s, "NetworkPolicy", "backup-to-postgres"), "spec.egress.0.to", new JsonArray(
            new JsonObject { ["podSelector"] = Labelled("cnpg.io/poolerName", "postgres-pooler") }, new JsonObject { ["podSelector"] = Labelled("app", "nobody") }))),
        ("a backup that reaches nothing", "jobs-reach", s => Set(Get(s, "NetworkPolicy", "backup-to-postgres"), "spec.egress.0.ports.0.port", 5433)),
        ("mutual TLS as a wish", "mutual-tls", s => Set(Get(s, "PeerAuthentication", "default"), "spec.mtls.mode", "PERMISSIVE")),
        ("everything allowed that is not forbidden", "allow-nothing", s => Set(Get(s, "AuthorizationPolicy", "allow-nothing"), "spec.selector", Labelled("app", "x"))),
        ("a caller who is in no model", "authorization-edges", s => At(Get(s, "AuthorizationPolicy", "lms-to-auth"), "spec.rules.0.from.0.source.principals").AsArray().Add("cluster.local/ns/talentsphere/sa/judge")),
        ("a caller who is not let in", "authorization-edges", s => Set(Get(s, "AuthorizationPolicy", "lms-to-auth"), "spec.rules.0.from.0.source.principals.0", "cluster.local/ns/talentsphere/sa/jobs")),
        ("a caller whoever it is", "authorization-edges", s => At(Get(s, "AuthorizationPolicy", "lms-to-auth"), "spec.rules").AsArray().Add(new JsonObject { ["to"] = new JsonArray(new JsonObject { ["operation"] = new JsonObject { ["methods"] = new JsonArray("GET") } }) })),
        ("Prometheus everywhere", "authorization-scrape", s => Remove(Get(s, "AuthorizationPolicy", "scrape"), "spec.rules.0", "to")),
        ("a process without a proxy", "proxies", s => Remove(Get(s, "Deployment", "lms"), "spec.template.metadata.labels", "sidecar.istio.io/inject")),
        ("a failing pod that is asked on", "outliers", s => Remove(Get(s, "DestinationRule", "lms"), "spec.trafficPolicy", "outlierDetection")),
        ("a canary for everybody", "canary", s => Remove(Get(s, "VirtualService", "lms"), "spec.http.0", "match")),
        ("a system call profile that nobody ships", "node-seccomp", s => Set(Get(s, "Deployment", "judge"), $"{_container}.securityContext.seccompProfile.localhostProfile", "profiles/boxes.json")),
        ("a system call profile in another folder", "node-seccomp", s => Set(Get(s, "Deployment", "judge"), $"{_container}.securityContext.seccompProfile.localhostProfile", "talentsphere-boxes.json")),
        ("an AppArmor profile that nobody ships", "node-apparmor", s => Set(Get(s, "Deployment", "judge"), $"{_container}.securityContext.appArmorProfile.localhostProfile", "boxes")),
        ("a runtime class that is not there", "node-runtime", s => Set(Get(s, "Deployment", "judge"), "spec.template.spec.runtimeClassName", "boxes")),
        ("a runtime that nobody configures", "node-runtime", s => Get(s, "RuntimeClass", "talentsphere-boxes")["handler"] = "boxes"),
        ("a policy that only reports", "kyverno-applies", s => Set(Get(s, "Policy", "non-root"), "spec.rules.0.validate.failureAction", "Audit")),
        ("a policy that refuses our own pods", "kyverno", s => Set(Get(s, "Policy", "registry"), "spec.rules.0.validate.pattern.spec.containers.0.image", "docker.io/*")),
    ];

    /// <summary>Hardening that a rule and an admission policy both watch: either goes red, and nothing else.</summary>
    private static readonly (string Broken, string Rule, Action<RenderedSet> Break)[] _hardening =
    [
        ("a root that can be written", "root-filesystem", s => Set(Get(s, "Deployment", "lms"), $"{_container}.securityContext.readOnlyRootFilesystem", false)),
        ("a capability kept", "capabilities", s => Set(Get(s, "Deployment", "lms"), $"{_container}.securityContext.capabilities.drop", new JsonArray("NET_RAW"))),
        ("privileges to be gained", "privileges", s => Set(Get(s, "Deployment", "lms"), $"{_container}.securityContext.allowPrivilegeEscalation", true)),
        ("no system call filter", "seccomp", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.securityContext.seccompProfile.type", "Unconfined")),
        ("root", "user", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.securityContext.runAsUser", 0)),
        ("the network of a node", "host", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.hostNetwork", true)),
        ("a token", "token", s => Set(Get(s, "Deployment", "lms"), "spec.template.spec.automountServiceAccountToken", true)),
        ("no limits", "resources", s => Remove(Get(s, "Deployment", "lms"), $"{_container}.resources", "limits")),
        ("the latest image", "images", s => Set(Get(s, "Deployment", "lms"), $"{_container}.image", "ghcr.io/talentsphere/lms:latest")),
        ("a probe left out", "probes", s => Remove(Get(s, "Deployment", "lms"), $"{_container}.startupProbe")),
        ("another path to ask", "probes", s => Set(Get(s, "Deployment", "lms"), $"{_container}.readinessProbe.httpGet.path", "/healthz")),
    ];

    public static TheoryData<string> SchemaMutations => [.. _schema.Keys];

    public static TheoryData<string, string> RuleMutations => new(_rules.Select(r => (r.Broken, r.Rule)));

    public static TheoryData<string, string> HardeningMutations => new(_hardening.Select(r => (r.Broken, r.Rule)));

    [Theory]
    [MemberData(nameof(SchemaMutations))]
    public async Task The_schema_check_sees(string broken)
    {
        foreach (var catalog in SchemaCatalog.All.Count == 0 ? [SchemaTests.Catalog("")] : SchemaCatalog.All)
        {
            var set = (await Overlays.GetAsync(_overlay)).Copy();
            var validator = new StrictValidator(catalog);
            var before = set.Manifests.Select(m => m.Body.ToJsonString()).ToList();
            _schema[broken](set);

            var changed = set.Manifests.Where((m, i) => m.Body.ToJsonString() != before[i]).ToList();
            changed.Count.ShouldBe(1);
            validator.Validate(changed[0].Body).ShouldNotBeEmpty($"{broken} against {catalog.Release}");
        }
    }

    [Theory]
    [MemberData(nameof(RuleMutations))]
    public async Task Exactly_one_rule_sees(string broken, string rule)
    {
        var set = (await Overlays.GetAsync(_overlay)).Copy();
        _rules.Single(r => r.Broken == broken).Break(set);

        var findings = ManifestRules.Findings(set);
        findings.Select(f => f.Rule).Distinct().ShouldBe([rule], string.Join('\n', findings));
    }

    [Theory]
    [MemberData(nameof(HardeningMutations))]
    public async Task A_rule_and_the_admission_policy_see(string broken, string rule)
    {
        var set = (await Overlays.GetAsync(_overlay)).Copy();
        _hardening.Single(r => r.Broken == broken).Break(set);

        var findings = ManifestRules.Findings(set);
        findings.Select(f => f.Rule).Distinct().Order().ShouldBe(new[] { rule, "kyverno" }.Order(), string.Join('\n', findings));
    }

    [Fact]
    public async Task What_is_gone_or_there_twice_is_seen()
    {
        var set = await Overlays.GetAsync(_overlay);
        Rules(set.With(set.Find("PodDisruptionBudget", "rabbitmq")!.Body.DeepClone().AsObject())).ShouldBe(["unique"]);
        Rules(set.Without(m => m.Id == "PodDisruptionBudget/lms")).ShouldBe(["disruption"]);
        Rules(set.Without(m => m.Id == "NetworkPolicy/default-deny")).ShouldContain("default-deny");
        Rules(set.Without(m => m.Id == "NetworkPolicy/lms-to-auth")).ShouldBe(["network-edges"]);
        Rules(set.Without(m => m.Id == "HorizontalPodAutoscaler/lms")).ShouldBe(["scaled-replicas"]);
        Rules(set.Without(m => m.Id == "ServiceAccount/redis")).ShouldBe(["accounts"]);
        Rules(set.Without(m => m.Id == "Deployment/jobs")).ShouldContain("model");
        Rules(set.Without(m => m.Group == "kyverno.io")).ShouldBe(["kyverno-applies"]);
        var second = set.Find("HorizontalPodAutoscaler", "lms")!.Body.DeepClone().AsObject();
        second["metadata"]!["name"] = "gamification";
        second["spec"]!["scaleTargetRef"]!["name"] = "gamification";
        Rules(set.With(second)).ShouldBe(["one-scaler"]);
        var foreign = set.Copy();
        At(Get(foreign, "Deployment", "lms"), "spec.template.spec.volumes").AsArray().Add(new JsonObject { ["name"] = "x", ["secret"] = new JsonObject { ["secretName"] = "jobs-secrets" } });
        Rules(foreign).ShouldBe(["own-secrets"]);
    }

    [Fact]
    public void Every_rule_has_something_that_it_goes_red_on()
    {
        string[] elsewhere = ["unique", "model", "one-scaler", "own-secrets", "default-deny", "probe-scheme"];
        ManifestRules.All.Select(r => r.Name).Except(_rules.Select(r => r.Rule)).Except(_hardening.Select(r => r.Rule)).Except(elsewhere).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_scheme_that_is_no_schemes_name_is_seen_by_a_rule_too()
    {
        var set = (await Overlays.GetAsync(_overlay)).Copy();
        Set(Get(set, "Deployment", "lms"), $"{_container}.readinessProbe.httpGet.scheme", "http");
        Rules(set).ShouldBe(["probe-scheme"]);
    }

    private static IEnumerable<string> Rules(RenderedSet set) => ManifestRules.Findings(set).Select(f => f.Rule).Distinct();

    private static JsonObject Get(RenderedSet set, string kind, string name) =>
        (set.Find(kind, name) ?? throw new InvalidOperationException($"{_overlay} has no {kind}/{name}.")).Body;

    private static JsonNode At(JsonObject body, string path) => body.At(path.Split('.')) ?? throw new InvalidOperationException($"There is no {path}.");

    private static JsonObject Set(JsonObject body, string path, JsonNode? value) => Set(body, path.Split('.'), value);

    private static JsonObject Set(JsonObject body, string[] path, JsonNode? value)
    {
        switch (body.At(path[..^1]))
        {
            case JsonArray items:
                items[int.Parse(path[^1])] = value;
                break;
            case JsonObject fields:
                fields[path[^1]] = value;
                break;
            default:
                throw new InvalidOperationException($"There is no {string.Join('.', path)}.");
        }
        return body;
    }

    private static void Remove(JsonObject body, string path) => Remove(body, path[..path.LastIndexOf('.')], path[(path.LastIndexOf('.') + 1)..]);

    private static void Remove(JsonObject body, string path, string field) => At(body, path).AsObject().Remove(field).ShouldBeTrue($"{path} {field}");

    private static void Rename(JsonObject body, string path, string to)
    {
        var parent = At(body, path[..path.LastIndexOf('.')]).AsObject();
        var value = parent[path[(path.LastIndexOf('.') + 1)..]]!.DeepClone();
        Remove(body, path);
        parent[to] = value;
    }

    private static JsonObject Labelled(string label, string value) => new() { ["matchLabels"] = new JsonObject { [label] = value } };
}
