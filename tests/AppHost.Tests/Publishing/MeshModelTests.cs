using TalentSphere.AppHost.Kubernetes;
using TalentSphere.AppHost.Kubernetes.Model;
using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Tests.Publishing;

public sealed class MeshModelTests
{
    [Fact]
    public async Task What_a_workload_is_follows_from_what_it_has()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        mesh.Workloads.Select(w => (w.Name, w.Kind)).ShouldBe([
            ("auth", WorkloadKind.Service), ("gateway", WorkloadKind.Gateway), ("lms", WorkloadKind.Service), ("worker", WorkloadKind.Worker)]);
        mesh.Servers.Select(s => (s.Name, s.Kind)).ShouldBe([("postgres", ServerKind.Postgres), ("rabbitmq", ServerKind.RabbitMq), ("redis", ServerKind.Redis)]);
        mesh.Workload("lms").Database.ShouldBe(new DatabaseUse("postgres", "lms", "lms-db-password"));
    }

    [Fact]
    public async Task Edges_are_the_references_and_go_with_them()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        mesh.Workload("gateway").Calls.ShouldBe(["auth", "lms"]);
        mesh.Workload("lms").Calls.ShouldBe(["auth", "worker"]);
        mesh.Workload("lms").Servers.ShouldBe(["postgres", "rabbitmq", "redis"]);
        mesh.Workload("worker").Calls.ShouldBeEmpty();
        mesh.Workload("worker").Servers.ShouldBeEmpty();
        mesh.CallersOf("auth").Select(w => w.Name).ShouldBe(["gateway", "lms"]);

        var builder = SmallMesh.Builder();
        var servers = builder.AddServers();
        builder.AddMeshService("auth", LocalRun.Fixture, servers);
        builder.AddMeshService("lms", LocalRun.Fixture, servers);
        (await builder.ReadAsync()).CallersOf("auth").ShouldBeEmpty("the reference is gone");
    }

    [Fact]
    public async Task A_value_that_holds_a_secret_anywhere_keeps_its_holes()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        var lms = mesh.Workload("lms");
        lms.SecretSettings.Select(s => s.Key).ShouldBe(["ConnectionStrings__lms", "ConnectionStrings__rabbitmq", "ConnectionStrings__redis", "Key", "REDIS_URI"]);
        var connection = lms.Settings.Single(s => s.Key == "ConnectionStrings__lms");
        connection.Compose(p => $"<{p.Name}>", e => $"[{e.Resource} {e.Property}]")
            .ShouldBe("Host=[postgres Host];Port=[postgres Port];Username=lms;Password=<lms-db-password>;Database=lms");
        lms.Settings.Single(s => s.Key == "Key").Compose(p => $"<{p.Name}>", _ => "").ShouldBe("<worker-key>=");
        lms.Settings.Single(s => s.Key == "PLAIN").Parts.ShouldBe([new TextPart("a {brace}")]);
    }

    [Fact]
    public async Task No_value_of_a_parameter_is_made_or_read()
    {
        var builder = SmallMesh.Usual();
        var read = false;
        builder.AddMeshWorker("curious", LocalRun.Fixture).WithEnvironment("SECRET", builder.AddParameter("watched", () =>
        {
            read = true;
            return "x";
        }, secret: true));
        var mesh = await builder.ReadAsync();
        Sections.Write(mesh).ShouldNotBeEmpty();
        read.ShouldBeFalse();
        Directory.Exists(builder.Configuration["Mesh:StateDirectory"]).ShouldBeFalse("a publish run keeps nothing");
    }

    [Fact]
    public async Task A_secret_belongs_to_its_server_or_to_the_first_who_uses_it()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        mesh.Parameter("lms-db-password").Owner.ShouldBe("postgres");
        mesh.Parameter("redis-password").Owner.ShouldBe("redis");
        mesh.Parameter("worker-key").Owner.ShouldBe("worker");
        mesh.Parameter("issuer").Secret.ShouldBeFalse();
    }

    [Fact]
    public async Task Queues_come_from_the_contracts_and_go_with_their_last_consumer()
    {
        var mesh = await SmallMesh.Usual().ReadAsync(SmallMesh.Events(("auth", "auth.user.registered", ["lms"]), ("auth", "auth.user.login", [])));
        mesh.Workload("lms").Queue.ShouldNotBeNull().Topics.ShouldBe(["auth.user.registered"]);
        mesh.Workload("lms").Queue!.Name.ShouldBe("lms.events");
        mesh.Workload("auth").Queue.ShouldBeNull();
        mesh.Workload("auth").Publishes.ShouldBe(["auth.user.login", "auth.user.registered"]);
        mesh.Exchange.ShouldBe("the.events");
        (await SmallMesh.Usual().ReadAsync(SmallMesh.Events(("auth", "auth.user.registered", [])))).Workload("lms").Queue.ShouldBeNull();
    }

    [Fact]
    public async Task A_new_service_gets_everything_from_its_one_line()
    {
        var builder = SmallMesh.Usual();
        var before = Sections.Write(await SmallMesh.Usual().ReadAsync()).Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        builder.AddMeshService("payments", LocalRun.Fixture, new(
            builder.CreateResourceBuilder<IPostgresServer>(builder.Resources.OfType<IPostgresServer>().Single()),
            builder.CreateResourceBuilder<IResourceWithConnectionString>(builder.Resources.OfType<RedisServerResource>().Single()),
            builder.CreateResourceBuilder<IResourceWithConnectionString>(builder.Resources.OfType<RabbitMqServerResource>().Single())));
        var added = Sections.Write(await builder.ReadAsync()).Select(f => f.Path).Where(p => !before.Contains(p)).ToList();
        foreach (var file in new[] { "configmap", "deployment", "externalsecret", "horizontalpodautoscaler", "poddisruptionbudget", "service", "serviceaccount", "kustomization" })
            added.ShouldContain($"base/payments/{file}.yaml");
        added.ShouldContain("platform/migrations/payments.yaml");
        added.ShouldContain("platform/postgres/database-payments.yaml");
        added.ShouldContain("platform/postgres/role-payments.yaml");
    }

    [Fact]
    public async Task The_order_of_lines_changes_nothing()
    {
        static IDistributedApplicationBuilder Pair(params string[] names)
        {
            var builder = SmallMesh.Builder();
            var servers = builder.AddServers();
            foreach (var name in names)
                builder.AddMeshService(name, LocalRun.Fixture, servers);
            return builder;
        }
        var one = Sections.Write(await Pair("a", "b").ReadAsync()).Select(f => f.Path + "\n" + f.Render());
        var other = Sections.Write(await Pair("b", "a").ReadAsync()).Select(f => f.Path + "\n" + f.Render());
        other.ShouldBe(one);
    }

    [Fact]
    public async Task A_pod_lives_longer_than_the_longest_request()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        var patient = mesh.Workload("lms") with { LongestRequest = TimeSpan.FromSeconds(120) };
        Draining.Timeout(patient).ShouldBeGreaterThan(patient.LongestRequest);
        TimeSpan.FromSeconds(Draining.GracePeriod(patient)).ShouldBeGreaterThan(Draining.PreStop + Draining.Timeout(patient));
        Draining.Timeout(mesh.Workload("lms")).ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_workload_without_a_probe_is_refused()
    {
        var mesh = await SmallMesh.Usual().ReadAsync();
        var bare = mesh with { Workloads = [.. mesh.Workloads.Select(w => w.Name == "lms" ? w with { Probes = [] } : w)] };
        Should.Throw<DistributedApplicationException>(() => Sections.Write(bare)).Message.ShouldContain("'lms' has no Startup probe");
    }
}
