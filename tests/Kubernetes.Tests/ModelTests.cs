using System.Text.Json.Nodes;
using TalentSphere.AppHost;
using TalentSphere.AppHost.Kubernetes.Model;
using TalentSphere.Kubernetes.Tests.Rules;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>What is derived follows: small models are built, a line is taken away, and what stood for it is gone from the manifests.</summary>
public sealed class ModelTests
{
    [Fact]
    public async Task The_edges_are_the_references_of_AppHost_and_no_others()
    {
        var (resources, mesh, _) = await AppModel.RealAsync();
        var projects = resources.Resources.OfType<ProjectResource>().ToList();
        // Read straight from Aspire's annotations, past everything that the generators use.
        var references = projects.SelectMany(p => p.Annotations.OfType<ResourceRelationshipAnnotation>().Where(r => r.Resource is ProjectResource).Select(r => (p.Name, r.Resource.Name))).ToHashSet();
        references.Count.ShouldBeGreaterThan(10);

        AppFacts.Of(mesh).Calls.ShouldBe(references, ignoreOrder: true);
        mesh.Workloads.Select(w => w.Name).ShouldBe(projects.Select(p => p.Name), ignoreOrder: true);
        mesh.Workloads.Single(w => w.Kind == WorkloadKind.Gateway).Name.ShouldBe("gateway");
        mesh.Workloads.Single(w => w.Kind == WorkloadKind.Worker).Name.ShouldBe("judge");
    }

    [Fact]
    public async Task A_reference_taken_away_takes_its_policies_with_it()
    {
        var with = Ids(await SmallAsync(called: true));
        var without = Ids(await SmallAsync(called: false));

        with.Except(without).ShouldBe(["NetworkPolicy/lms-to-auth", "NetworkPolicy/auth-from-lms", "AuthorizationPolicy/lms-to-auth"], ignoreOrder: true);
        without.Except(with).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_no_longer_used_is_no_longer_reached()
    {
        var manifests = AppModel.Manifests(await AppModel.OfAsync(Small(called: true)));
        manifests.ShouldContain(m => m.Manifest.Id == "NetworkPolicy/lms-to-redis");
        manifests.ShouldNotContain(m => m.Manifest.Id == "NetworkPolicy/judge-to-redis");

        var builder = AppModel.Builder();
        builder.AddRedisServer("redis");
        builder.AddMeshWorker("judge", "../Services/Judge/Judge.csproj");
        AppModel.Manifests(await AppModel.OfAsync(builder)).ShouldNotContain(m => m.Manifest.Kind == "NetworkPolicy" && m.Manifest.Name.EndsWith("-to-redis", StringComparison.Ordinal)
            && m.Manifest.Name != "redis-to-redis");
    }

    [Fact]
    public async Task A_consumer_taken_away_takes_its_queue_and_its_scaler_with_it()
    {
        var builder = Gamification();
        var hearing = AppModel.Manifests(await AppModel.OfAsync(builder));
        hearing.ShouldContain(m => m.Manifest.Id == "ScaledObject/gamification");

        var deaf = AppModel.Events();
        var operations = deaf["operations"]!.AsObject();
        foreach (var name in operations.Where(o => o.Value.Text("x-service") == "gamification" && o.Value.Text("action") == "receive").Select(o => o.Key).ToList())
            operations.Remove(name);
        var manifests = AppModel.Manifests(await AppModel.OfAsync(Gamification(), deaf));
        manifests.ShouldNotContain(m => m.Manifest.Kind == "ScaledObject" || m.Manifest.Kind == "TriggerAuthentication");
        manifests.ShouldContain(m => m.Manifest.Id == "HorizontalPodAutoscaler/gamification", "who consumes nothing is scaled by load");
        manifests.Where(m => m.Manifest.Group == "rabbitmq.com").SelectMany(m => m.Manifest.Body.Strings()).ShouldNotContain(s => s.Text.Contains("gamification"));
        manifests.ShouldNotContain(m => m.Manifest.Id == "NetworkPolicy/rabbitmq-from-keda", "KEDA has nothing to count");
    }

    [Fact]
    public async Task A_queue_renamed_in_the_contracts_is_renamed_in_its_scaler()
    {
        var renamed = JsonNode.Parse(AppModel.Events().ToJsonString().Replace("gamification.events", "gamification.heard"))!.AsObject();
        var mesh = await AppModel.OfAsync(Gamification(), renamed);
        var scaled = AppModel.Manifests(mesh).Single(m => m.Manifest.Id == "ScaledObject/gamification").Manifest;
        scaled.Spec.Text("triggers", "0", "metadata", "queueName").ShouldBe("gamification.heard");
    }

    [Fact]
    public async Task A_new_service_gets_everything_from_its_one_line()
    {
        var builder = Small(called: true);
        var servers = new MeshServers(builder.CreateResourceBuilder((IPostgresServer)builder.Resources.Single(r => r.Name == "postgres")), Server(builder, "redis"), Server(builder, "rabbitmq"));
        builder.AddMeshService("network", "../Services/Lms/Lms.csproj", servers);
        var mine = AppModel.Manifests(await AppModel.OfAsync(builder)).Where(m => m.Manifest.Name == "network" || m.Manifest.Name.StartsWith("network-", StringComparison.Ordinal)
            || m.Manifest.Name.EndsWith("-network", StringComparison.Ordinal)).Select(m => m.Manifest.Id).ToHashSet();
        foreach (var expected in new[]
        {
            "Deployment/network", "Service/network", "ConfigMap/network-config", "ServiceAccount/network", "PodDisruptionBudget/network", "HorizontalPodAutoscaler/network",
            "ExternalSecret/network-secrets", "Job/network-migration", "NetworkPolicy/network-to-postgres", "NetworkPolicy/network-scraped", "DestinationRule/network",
            "ServiceMonitor/network", "CronJob/kill-network",
        })
        {
            mine.ShouldContain(expected);
        }
    }

    [Fact]
    public async Task Two_runs_over_one_model_write_the_same()
    {
        var first = AppModel.Manifests(await AppModel.OfAsync(Small(called: true))).Select(m => (m.Path, m.Manifest.Body.ToJsonString()));
        var second = AppModel.Manifests(await AppModel.OfAsync(Small(called: true))).Select(m => (m.Path, m.Manifest.Body.ToJsonString()));
        first.ShouldBe(second);
    }

    private static IResourceBuilder<IResourceWithConnectionString> Server(IDistributedApplicationBuilder builder, string name) =>
        builder.CreateResourceBuilder((IResourceWithConnectionString)builder.Resources.Single(r => r.Name == name));

    private static async Task<MeshModel> SmallAsync(bool called) => await AppModel.OfAsync(Small(called));

    private static HashSet<string> Ids(MeshModel mesh) => [.. AppModel.Manifests(mesh).Select(m => m.Manifest.Id)];

    /// <summary>Two services, of which one may call the other.</summary>
    private static IDistributedApplicationBuilder Small(bool called)
    {
        var builder = AppModel.Builder();
        var servers = new MeshServers(builder.AddPostgresServer("postgres"), builder.AddRedisServer("redis"), builder.AddRabbitMqServer("rabbitmq"));
        var auth = builder.AddMeshService("auth", "../Services/Auth/Auth.csproj", servers);
        var lms = builder.AddMeshService("lms", "../Services/Lms/Lms.csproj", servers);
        if (called)
            lms.WithReference(auth);
        builder.AddMeshGateway("gateway", "../Gateway/Gateway.csproj", auth, lms);
        return builder;
    }

    private static IDistributedApplicationBuilder Gamification()
    {
        var builder = AppModel.Builder();
        var servers = new MeshServers(builder.AddPostgresServer("postgres"), builder.AddRedisServer("redis"), builder.AddRabbitMqServer("rabbitmq"));
        builder.AddMeshService("gamification", "../Services/Gamification/Gamification.csproj", servers);
        return builder;
    }
}
