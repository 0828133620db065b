namespace TalentSphere.AppHost.Kubernetes.Compose;

/// <summary>
/// The mesh for one machine with Docker, from the same model. Every value from outside is a variable that compose insists on or has a harmless default for; no secret
/// stands in the file.
/// </summary>
internal static class ComposeFile
{
    public const string FileName = "compose/compose.yaml";

    private const string _databases = "databases";
    private const string _appArmor = "JUDGE_APPARMOR";

    /// <summary>The file and what it names beside it.</summary>
    public static IEnumerable<ManifestFile> WriteAll(MeshModel mesh) => mesh.Workloads.Any(w => w.RunsStrangersPrograms) ? [Write(mesh), Nodes.BoxNodes.Seccomp()] : [Write(mesh)];

    public static ManifestFile Write(MeshModel mesh)
    {
        var services = new Map();
        foreach (var server in mesh.Servers)
            services[server.Name] = Server(mesh, server);
        foreach (var workload in mesh.Workloads)
        {
            if (workload.Database is not null)
                services[Platform.Migrations.NameOf(workload)] = Migration(mesh, workload);
            services[workload.Name] = Service(mesh, workload);
        }
        var volumes = new Map();
        foreach (var server in mesh.Servers.Where(s => s.Kind != ServerKind.Redis))
            volumes[$"{server.Name}-data"] = new Map();
        var secrets = mesh.Parameters.Where(p => p.Secret).Select(p => Variable(p.Name));
        return new(FileName, new Map
        {
            ["name"] = KubernetesNames.Namespace,
            ["services"] = services,
            ["configs"] = new Map { [_databases] = new Map { ["content"] = CreateDatabases(mesh) } },
            ["volumes"] = volumes,
        })
        {
            IsPart = true,
            Why = $"docker compose --env-file .env -f {FileName} up. The .env file (mode 0600, never committed) gives a value to each of:\n{string.Join(", ", secrets)}.\n{Boxes(mesh)}",
        };
    }

    private static string Boxes(MeshModel mesh) => mesh.Workloads.FirstOrDefault(w => w.RunsStrangersPrograms) is not { } worker ? "" : $"""
        {worker.Name} takes Docker Engine 28 on control groups version 2. Where the machine has AppArmor 4, load its profile first: apparmor_parser --replace {Nodes.BoxNodes.AppArmorFile}.
        With an older AppArmor {_appArmor}=unconfined stands in the .env file; without AppArmor there is nothing to do.
        """;

    private static Map Server(MeshModel mesh, Server server) => server.Kind switch
    {
        ServerKind.Postgres => new()
        {
            ["image"] = $"postgres:{server.Version}",
            ["restart"] = "unless-stopped",
            ["environment"] = Map.Of(mesh.DatabasesOn(server.Name).Select(w => w.Database!.PasswordParameter).Order(StringComparer.Ordinal)
                .Select(p => new KeyValuePair<string, string>(Variable(p), Insist(p))).Prepend(new("POSTGRES_PASSWORD", Insist(server.PasswordParameter)))),
            ["configs"] = new[] { new Map { ["source"] = _databases, ["target"] = "/docker-entrypoint-initdb.d/databases.sh", ["mode"] = 292 } },
            ["volumes"] = new[] { $"{server.Name}-data:/var/lib/postgresql/data" },
            ["healthcheck"] = Check("pg_isready --username=postgres --host=127.0.0.1"),
        },
        ServerKind.Redis => new()
        {
            ["image"] = $"redis:{server.Version}",
            ["restart"] = "unless-stopped",
            ["environment"] = new Map { ["REDIS_PASSWORD"] = Insist(server.PasswordParameter) },
            ["entrypoint"] = new[] { "/bin/sh", "-c", "umask 077; printf 'requirepass %s\\nsave \"\"\\n' \"$$REDIS_PASSWORD\" >/tmp/redis.conf; exec redis-server /tmp/redis.conf" },
            ["read_only"] = true,
            ["tmpfs"] = new[] { "/tmp" },
            ["healthcheck"] = Check("REDISCLI_AUTH=$$REDIS_PASSWORD redis-cli ping | grep -q PONG"),
        },
        _ => new()
        {
            ["image"] = $"rabbitmq:{server.Version}",
            ["restart"] = "unless-stopped",
            ["hostname"] = server.Name,
            ["environment"] = new Map { ["RABBITMQ_DEFAULT_USER"] = RabbitMqServerResource.User, ["RABBITMQ_DEFAULT_PASS"] = Insist(server.PasswordParameter) },
            ["volumes"] = new[] { $"{server.Name}-data:/var/lib/rabbitmq" },
            ["healthcheck"] = Check("rabbitmq-diagnostics -q check_running"),
        },
    };

    private static Map Service(MeshModel mesh, Workload workload)
    {
        var service = Container(mesh, workload);
        service["restart"] = "unless-stopped";
        service["stop_grace_period"] = $"{Invariant.Text(Workloads.Draining.GracePeriod(workload))}s";
        service["ports"] = workload.Kind == WorkloadKind.Gateway ? new[] { $"8000:{Invariant.Text(KubernetesNames.Port)}" } : null;
        var waits = new Map();
        foreach (var name in workload.WaitsFor)
            waits[name] = new Map { ["condition"] = mesh.HasWorkload(name) ? "service_started" : "service_healthy" };
        if (workload.Database is not null)
            waits[Platform.Migrations.NameOf(workload)] = new Map { ["condition"] = "service_completed_successfully" };
        service["depends_on"] = waits.Count > 0 ? waits : null;
        return service;
    }

    private static Map Migration(MeshModel mesh, Workload workload)
    {
        var migration = Container(mesh, workload);
        migration["command"] = new[] { "--migrate" };
        migration["restart"] = "on-failure:10";
        migration["depends_on"] = new Map { [workload.Database!.Server] = new Map { ["condition"] = "service_healthy" } };
        return migration;
    }

    private static Map Container(MeshModel mesh, Workload workload) => new()
    {
        ["image"] = $"{KubernetesNames.ImageOf(workload)}:{Overlays.OverlayWriter.Tag}",
        ["user"] = $"{Invariant.Text(KubernetesNames.User)}:{Invariant.Text(KubernetesNames.User)}",
        ["read_only"] = true,
        ["tmpfs"] = new[] { "/tmp" },
        ["cap_drop"] = new[] { "ALL" },
        // What boxes are made of: system calls, a /proc and control groups that the default profiles keep from a container, and nothing beyond them.
        ["security_opt"] = workload.RunsStrangersPrograms
            ? new[]
            {
                "no-new-privileges:true", $"seccomp=../{Nodes.BoxNodes.SeccompFile}", $"apparmor=${{{_appArmor}:-{Workloads.PodHardening.BoxRuntime}}}", "systempaths=unconfined",
                "writable-cgroups=true",
            }
            : new[] { "no-new-privileges:true" },
        ["mem_limit"] = workload.Kind == WorkloadKind.Worker ? "2g" : "512m",
        ["environment"] = Map.Of(Environment(mesh, workload)),
    };

    private static SortedDictionary<string, string> Environment(MeshModel mesh, Workload workload)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_HTTP_PORTS"] = Invariant.Text(KubernetesNames.Port),
            ["Drain__Timeout"] = Workloads.Draining.Written(Workloads.Draining.Timeout(workload)),
            ["OTEL_SERVICE_NAME"] = workload.Name,
            // The network is compose's own: only the gateway's port is published.
            ["Proxies__Trusted"] = workload.Kind == WorkloadKind.Gateway ? "" : "127.0.0.0/8,::1/128,172.16.0.0/12,192.168.0.0/16",
        };
        foreach (var setting in workload.Settings)
            environment[setting.Key] = setting.Compose(p => p.Secret ? Insist(p.Name) : Default(p.Name), part => Resolve(mesh, part));
        return environment;
    }

    private static string Resolve(MeshModel mesh, EndpointPart part)
    {
        var isWorkload = mesh.HasWorkload(part.Resource);
        var port = Invariant.Text(isWorkload ? KubernetesNames.Port : KubernetesNames.PortOf(mesh.Server(part.Resource)));
        var scheme = isWorkload ? "http" : "tcp";
        return part.Property switch
        {
            EndpointProperty.Url => $"{scheme}://{part.Resource}:{port}",
            EndpointProperty.Host or EndpointProperty.IPV4Host => part.Resource,
            EndpointProperty.HostAndPort => $"{part.Resource}:{port}",
            EndpointProperty.Port or EndpointProperty.TargetPort => port,
            EndpointProperty.Scheme => scheme,
            _ => throw new DistributedApplicationException($"A compose file cannot say what the endpoint property {part.Property} is."),
        };
    }

    private static string CreateDatabases(MeshModel mesh)
    {
        var script = "set -eu\n";
        foreach (var database in mesh.Workloads.Select(w => w.Database).OfType<DatabaseUse>().OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            script += $$"""
                psql --username=postgres --set=ON_ERROR_STOP=1 --set=login={{database.Name}} <<'SQL'
                \getenv password {{Variable(database.PasswordParameter)}}
                create role :"login" login password :'password';
                create database :"login" owner :"login";
                revoke all on database :"login" from public;
                SQL

                """.ReplaceLineEndings("\n");
        }
        return script;
    }

    private static Map Check(string command) => new()
    {
        ["test"] = new[] { "CMD-SHELL", command },
        ["interval"] = "5s",
        ["timeout"] = "5s",
        ["retries"] = 30,
    };

    private static string Variable(string parameter) => parameter.Replace('-', '_').ToUpperInvariant();

    private static string Insist(string parameter) => $"${{{Variable(parameter)}:?}}";

    private static string Default(string parameter) => parameter switch
    {
        "issuer" => "${ISSUER:-http://127.0.0.1:8000}",
        _ => $"${{{Variable(parameter)}:-}}",
    };
}
