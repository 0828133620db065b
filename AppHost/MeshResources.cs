#pragma warning disable ASPIREPROBES001 // Probes are how the manifests learn what a cluster should ask.
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace TalentSphere.AppHost;

/// <summary>What this mesh is made of, in terms of Aspire's own resources.</summary>
public static class MeshResources
{
    /// <summary>
    /// PostgreSQL: a container with a generated password, or, with <c>--infra external</c>, the server that <c>ConnectionStrings:{name}</c> gives an
    /// administrator's access to.
    /// </summary>
    public static IResourceBuilder<IPostgresServer> AddPostgresServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.InfrastructureIsExternal())
            return builder.AddExternalPostgres(name);
        var password = builder.AddGeneratedSecret($"{name}-password", 24);
        var server = builder.AddResource(new PostgresServerResource(name, password.Resource))
            .WithImage("postgres", "17").WithEndpoint(targetPort: 5432, name: "tcp")
            .WithVolume($"{name}-data", "/var/lib/postgresql/data")
            .WithEnvironment("POSTGRES_PASSWORD", password)
            .WithIconName("Database");
        server.OnResourceReady((resource, _, ct) => PostgresDatabases.CloseToServicesAsync(resource, ct));
        return server.WithServerCheck(ct => PostgresDatabases.AnswersAsync(server.Resource, ct));
    }

    /// <summary>A database with a login that owns it and can enter no other. Both are made when the server is ready, if they are not there yet.</summary>
    /// <remarks>With <c>--infra external</c> a given <c>ConnectionStrings:{database}</c> is used as it is.</remarks>
    public static IResourceBuilder<IResourceWithConnectionString> AddDatabase(this IResourceBuilder<IPostgresServer> server, string name, string database)
    {
        var builder = server.ApplicationBuilder;
        if (builder.InfrastructureIsExternal() && builder.Configuration.GetConnectionString(database) is not null)
            return builder.AddConnectionString(database);
        var password = builder.AddGeneratedSecret($"{name}-password", 24);
        var resource = new PostgresDatabaseResource(name, database, server.Resource, password.Resource);
        server.OnResourceReady((_, _, ct) => resource.BeginCreation(ct));
        builder.Services.AddHealthChecks().AddAsyncCheck(name, resource.IsCreatedAsync);
        return builder.AddResource(resource).WithHealthCheck(name).WithIconName("DatabaseMultiple");
    }

    /// <summary>Redis: a container with a generated password, or the server that <c>ConnectionStrings:{name}</c> names.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.InfrastructureIsExternal())
            return builder.AddConnectionString(name);
        var password = builder.AddGeneratedSecret($"{name}-password", 24);
        var server = builder.AddResource(new RedisServerResource(name, password.Resource))
            .WithImage("redis", "7").WithEndpoint(targetPort: 6379, name: "tcp")
            .WithEnvironment("REDIS_PASSWORD", password)
            .WithEntrypoint("/bin/sh").WithArgs("-c", "exec redis-server --requirepass \"$REDIS_PASSWORD\" --save '' --appendonly no")
            .WithIconName("Memory");
        return server.WithServerCheck(ct => ServerGreeting.OfRedisAsync(server.GetEndpoint("tcp"), ct));
    }

    /// <summary>RabbitMQ: a container with a generated user's password, or the broker that <c>ConnectionStrings:{name}</c> names.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRabbitMqServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.InfrastructureIsExternal())
            return builder.AddConnectionString(name);
        var password = builder.AddGeneratedSecret($"{name}-password", 24);
        var server = builder.AddResource(new RabbitMqServerResource(name, password.Resource))
            .WithImage("rabbitmq", "4").WithEndpoint(targetPort: 5672, scheme: "amqp", name: "amqp")
            .WithVolume($"{name}-data", "/var/lib/rabbitmq")
            .WithEnvironment("RABBITMQ_DEFAULT_USER", RabbitMqServerResource.User).WithEnvironment("RABBITMQ_DEFAULT_PASS", password)
            .WithIconName("Mailbox");
        return server.WithServerCheck(ct => ServerGreeting.OfRabbitMqAsync(server.GetEndpoint("amqp"), ct));
    }

    /// <summary>
    /// A service of the mesh: a project with an HTTP endpoint, its own database (known to it by its own name), Redis, RabbitMQ, the health paths of the
    /// contracts, and as many replicas as <c>--replicas {name}=n</c> says.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddMeshService(
        this IDistributedApplicationBuilder builder, string name, string projectPath, MeshServers servers)
    {
        return builder.AddMeshProject(name, projectPath)
            .WithEnvironment("Auth__Issuer", builder.Issuer())
            .WithHttpEndpoint(name: "http").WithContractHealth()
            .WithServers(servers);
    }

    /// <summary>
    /// A database and a login of its own, known by the project's own name, Redis, and a queue on the broker. The project works while the broker is still booting:
    /// its events wait in the outbox.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithServers(this IResourceBuilder<ProjectResource> project, MeshServers servers)
    {
        var (builder, name) = (project.ApplicationBuilder, project.Resource.Name);
        var database = servers.Postgres.AddDatabase($"{name}-db", name);
        return project
            .WithReference(database, connectionName: name).WithReference(servers.Redis).WithReference(servers.RabbitMq)
            .WaitFor(database).WaitFor(servers.Redis).WaitForStart(servers.RabbitMq)
            .WithEnvironment(context => context.EnvironmentVariables["Messaging__Subscribers"] = builder.ServicesOn(servers.RabbitMq))
            .WithRunEnvironment("Database__MigrateOnStart", "true");
    }

    /// <summary>The accounts that there are before anybody has registered: one per role in a local run, the first administrator in a deployment.</summary>
    public static IResourceBuilder<ProjectResource> WithFirstAccounts(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        return builder.ExecutionContext.IsRunMode
            ? service.WithEnvironment("Auth__Seed__Password", builder.AddGeneratedSecret("seed-password", 24))
            : service.WithEnvironment("Auth__Admin__Email", builder.AddParameter("first-admin-email"))
                .WithEnvironment("Auth__Admin__Password", builder.AddParameter("first-admin-password", secret: true));
    }

    /// <summary>
    /// How the service's mail leaves. A deployment is told its server by parameters. A local run uses the server that <c>Mail:Smtp:*</c> names
    /// (<c>Mail__Smtp__Host</c> and so on in the environment), or, where none is named, files in the mesh's state directory, which <c>./mesh mail</c> shows.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithMail(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode)
        {
            return service.WithEnvironment("Mail__From", builder.AddParameter("mail-from"))
                .WithEnvironment("Mail__Smtp__Host", builder.AddParameter("mail-host")).WithEnvironment("Mail__Smtp__User", builder.AddParameter("mail-user"))
                .WithEnvironment("Mail__Smtp__Password", builder.AddParameter("mail-password", secret: true));
        }
        var smtp = builder.Configuration.GetSection("Mail:Smtp");
        if (smtp["Host"] is null)
        {
            return service.WithEnvironment("Mail__Folder", Path.Combine(builder.StateDirectory(), "mail"));
        }
        foreach (var name in new[] { "Host", "Port", "Tls", "User" }.Where(n => smtp[n] is not null))
            service.WithEnvironment($"Mail__Smtp__{name}", smtp[name]!);
        return smtp["Password"] is { } password
            ? service.WithEnvironment("Mail__Smtp__Password", builder.AddParameter("mail-password", () => password, secret: true))
            : service;
    }

    /// <summary>Every service that has a queue on the broker, once all are known. Nobody publishes before each of these queues is there.</summary>
    private static string ServicesOn(this IDistributedApplicationBuilder builder, IResourceBuilder<IResourceWithConnectionString> broker) => string.Join(',',
        builder.Resources.OfType<ProjectResource>()
            .Where(p => p.Annotations.OfType<ResourceRelationshipAnnotation>().Any(r => r.Resource == broker.Resource))
            .Select(p => p.Name).Order(StringComparer.Ordinal));

    /// <summary>
    /// A process that works for others and is connected to nothing itself. That it cannot work on this machine is told, by its readiness and by
    /// <c>./mesh up</c>, and does not make the mesh unhealthy: whatever needs it waits.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddMeshWorker(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddMeshProject(name, projectPath).WithHttpEndpoint(name: "http").WithHttpHealthCheck("/health").WithContractProbes();

    /// <summary>The worker runs programs that strangers send, each in a box of its own: where it is deployed, its node must have what boxes are made of.</summary>
    public static IResourceBuilder<ProjectResource> RunningStrangersPrograms(this IResourceBuilder<ProjectResource> worker) =>
        worker.WithAnnotation(new StrangersProgramsAnnotation());

    /// <summary>
    /// The one door: a fixed port (<c>--port</c>, 8000), a reference to every service, no wait for more than their start. A local run with <c>--tls</c> has HTTPS on
    /// that port, with HTTP/2; in a deployment TLS ends before the gateway.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddMeshGateway(
        this IDistributedApplicationBuilder builder, string name, string projectPath, params IResourceBuilder<ProjectResource>[] services)
    {
        var gateway = builder.AddMeshProject(name, projectPath)
            .WithEnvironment("Auth__Issuer", builder.Issuer())
            .WithGatewayEndpoint(builder.GatewayScheme()).WithExternalHttpEndpoints().WithContractHealth(builder.GatewayScheme())
            .WithUrlForEndpoint(builder.GatewayScheme(), url => url.DisplayText = "Gateway")
            .WithUrlForEndpoint(builder.GatewayScheme(), (EndpointReference _) => new ResourceUrlAnnotation { Url = "/api/docs", DisplayText = "API docs" });
        foreach (var service in services)
            gateway.WithReference(service).WaitForStart(service);
        return gateway;
    }

    /// <summary>A secret that is made once and kept. Letters and digits only: it may stand in URLs and connection strings.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name, int length) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = length, Special = false }, secret: true, persist: true);

    private static IResourceBuilder<ProjectResource> AddMeshProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        builder.AddProject(name, projectPath, options => options.ExcludeLaunchProfile = options.ExcludeKestrelEndpoints = true)
            .WithRunEnvironment("ASPNETCORE_ENVIRONMENT", "Development")
            .WithReplicas(builder.ReplicasOf(name));

    /// <summary>Where frontends find the platform. Tokens carry it as their issuer, and every process accepts no other.</summary>
    private static IResourceBuilder<ParameterResource> Issuer(this IDistributedApplicationBuilder builder) =>
        builder.Resources.OfType<ParameterResource>().FirstOrDefault(p => p.Name == "issuer") is { } known
            ? builder.CreateResourceBuilder(known)
            : builder.AddParameter("issuer", () => $"{builder.GatewayScheme()}://127.0.0.1:{builder.GatewayPort()}");

    private static int GatewayPort(this IDistributedApplicationBuilder builder) => builder.Configuration.GetValue("port", 8000);

    private static string GatewayScheme(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsRunMode && builder.Configuration.GetValue("tls", defaultValue: false) ? "https" : "http";

    private static IResourceBuilder<ProjectResource> WithGatewayEndpoint(this IResourceBuilder<ProjectResource> gateway, string scheme)
    {
        var builder = gateway.ApplicationBuilder;
        if (scheme == "http")
            return gateway.WithHttpEndpoint(port: builder.GatewayPort(), name: scheme);
        return gateway.WithHttpsEndpoint(port: builder.GatewayPort(), name: scheme).WithEnvironment(context =>
        {
            var certificate = DevelopmentCertificate.Ensure(builder.StateDirectory(), TimeProvider.System);
            context.EnvironmentVariables["Kestrel__Certificates__Default__Path"] = certificate.Path;
            context.EnvironmentVariables["Kestrel__Certificates__Default__KeyPath"] = certificate.KeyPath;
        });
    }

    /// <summary>Where a local run keeps what it makes.</summary>
    private static string StateDirectory(this IDistributedApplicationBuilder builder) => Path.GetFullPath(
        builder.Configuration["Mesh:StateDirectory"] ?? builder.Configuration["MESH_STATE"] ?? Path.Combine(builder.AppHostDirectory, "..", ".mesh"));

    private static IResourceBuilder<ProjectResource> WithContractHealth(this IResourceBuilder<ProjectResource> project, string endpoint = "http") =>
        project.WithHttpHealthCheck("/ready", endpointName: endpoint).WithContractProbes(endpoint);

    private static IResourceBuilder<ProjectResource> WithContractProbes(this IResourceBuilder<ProjectResource> project, string endpoint = "http") =>
        project.WithHttpProbe(ProbeType.Startup, "/health/startup", initialDelaySeconds: 1, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 60, endpointName: endpoint)
            .WithHttpProbe(ProbeType.Readiness, "/ready", periodSeconds: 5, timeoutSeconds: 3, endpointName: endpoint)
            .WithHttpProbe(ProbeType.Liveness, "/health", periodSeconds: 10, timeoutSeconds: 2, endpointName: endpoint);

    private static IResourceBuilder<ProjectResource> WithRunEnvironment(this IResourceBuilder<ProjectResource> project, string name, string value) =>
        project.ApplicationBuilder.ExecutionContext.IsRunMode ? project.WithEnvironment(name, value) : project;

    private static bool InfrastructureIsExternal(this IDistributedApplicationBuilder builder) => builder.Configuration["infra"] switch
    {
        null or "local" => false,
        "external" => builder.ExecutionContext.IsRunMode,
        var other => throw new DistributedApplicationException($"--infra is 'local' or 'external', not '{other}'."),
    };

    private static IResourceBuilder<IPostgresServer> AddExternalPostgres(this IDistributedApplicationBuilder builder, string name)
    {
        // Without an administrator's access every service must bring its own connection string: then nobody asks for this one.
        var given = builder.Configuration.GetConnectionString(name);
        var access = builder.AddParameter($"{name}-access", () => given ?? "", secret: true);
        var address = builder.AddParameter($"{name}-address", () => PostgresDatabases.AddressOf(given ?? ""));
        var server = builder.AddResource<IPostgresServer>(new ExternalPostgresResource(name, access.Resource, address.Resource)).WithIconName("Database");
        return given is null ? server : server.WithServerCheck(ct => PostgresDatabases.AnswersAsync(server.Resource, ct));
    }

    private static IResourceBuilder<T> WithServerCheck<T>(this IResourceBuilder<T> server, Func<CancellationToken, Task> ask) where T : IResource
    {
        var key = $"{server.Resource.Name}-answers";
        server.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(key, async ct =>
        {
            try
            {
                await ask(ct).WaitAsync(TimeSpan.FromSeconds(5), ct);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy(e.Message);
            }
        });
        return server.WithHealthCheck(key);
    }

    /// <summary>Once every service is known: a name that is none of them is a mistake.</summary>
    public static void RefuseUnknownReplicas(this IDistributedApplicationBuilder builder)
    {
        var services = builder.Resources.OfType<ProjectResource>().Select(p => p.Name).ToList();
        if (builder.ReplicaEntries().Select(e => e.Split('=')[0]).FirstOrDefault(name => !services.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new DistributedApplicationException($"--replicas: there is no service '{unknown}'; there are {string.Join(", ", services)}.");
    }

    private static string[] ReplicaEntries(this IDistributedApplicationBuilder builder) =>
        (builder.Configuration["replicas"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary><c>--replicas lms=2,jobs=3</c></summary>
    private static int ReplicasOf(this IDistributedApplicationBuilder builder, string name)
    {
        foreach (var entry in builder.ReplicaEntries())
        {
            var (service, count) = entry.Split('=') is [var left, var right] ? (left, right) : (entry, "");
            if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) || replicas is < 1 or > 16)
                throw new DistributedApplicationException($"--replicas takes service=number with a number from 1 to 16, not '{entry}'.");
            if (service == name)
                return replicas;
        }
        return 1;
    }
}

/// <summary>Marks a process that runs programs that strangers send.</summary>
public sealed class StrangersProgramsAnnotation : IResourceAnnotation;

/// <summary>The three servers that every service builds on.</summary>
public sealed record MeshServers(
    IResourceBuilder<IPostgresServer> Postgres,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResourceWithConnectionString> RabbitMq);

/// <summary>A PostgreSQL server; its connection string is an administrator's (Npgsql's form).</summary>
public interface IPostgresServer : IResourceWithConnectionString
{
    /// <summary>The connection string without user, password and database.</summary>
    ReferenceExpression Address { get; }
}

/// <summary>The mesh's own PostgreSQL.</summary>
public sealed class PostgresServerResource(string name, ParameterResource password) : ContainerResource(name), IPostgresServer
{
    private EndpointReference Endpoint => new(this, "tcp");

    public ReferenceExpression Address => ReferenceExpression.Create(
        $"Host={Endpoint.Property(EndpointProperty.Host)};Port={Endpoint.Property(EndpointProperty.Port)}");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Address};Username=postgres;Password={password};Database=postgres");
}

/// <summary>Somebody else's PostgreSQL.</summary>
public sealed class ExternalPostgresResource(string name, ParameterResource access, ParameterResource address) : Resource(name), IPostgresServer
{
    public ReferenceExpression Address => ReferenceExpression.Create($"{address}");

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{access}");
}

/// <summary>A database and the login of the same name that owns it.</summary>
public sealed class PostgresDatabaseResource(string name, string database, IPostgresServer server, ParameterResource password)
    : Resource(name), IResourceWithConnectionString, IResourceWithParent<IPostgresServer>
{
    private readonly Lock _gate = new();
    private Task? _creation;

    public string Database => database;

    public ParameterResource Password => password;

    public IPostgresServer Parent => server;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{server.Address};Username={database};Password={password};Database={database}");

    /// <summary>Begins, so that the databases of one server are made side by side; <see cref="IsCreatedAsync"/> tells the outcome.</summary>
    internal Task BeginCreation(CancellationToken cancellationToken)
    {
        lock (_gate)
            _creation = PostgresDatabases.CreateAsync(this, cancellationToken);
        return Task.CompletedTask;
    }

    internal async Task<HealthCheckResult> IsCreatedAsync(CancellationToken cancellationToken)
    {
        Task creation;
        lock (_gate)
        {
            if (_creation is null)
                return HealthCheckResult.Unhealthy("waits for its server");
            // What failed may have been the server's short absence: each check tries again.
            if (_creation.IsFaulted || _creation.IsCanceled)
                _creation = PostgresDatabases.CreateAsync(this, CancellationToken.None);
            creation = _creation;
        }
        try
        {
            await creation.WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or IOException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy($"cannot be created: {e.Message}");
        }
    }
}

/// <summary>The mesh's own Redis. Its connection string is StackExchange.Redis's form; the property Uri is <c>redis://</c>.</summary>
public sealed class RedisServerResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    private EndpointReferenceExpression Address => new EndpointReference(this, "tcp").Property(EndpointProperty.HostAndPort);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Address},password={password}");

    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
        [new("Uri", ReferenceExpression.Create($"redis://:{password}@{Address}"))];
}

/// <summary>The mesh's own RabbitMQ. Its connection string is an <c>amqp://</c> URI.</summary>
public sealed class RabbitMqServerResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    public const string User = "talentsphere";

    private EndpointReferenceExpression Address => new EndpointReference(this, "amqp").Property(EndpointProperty.HostAndPort);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"amqp://{User}:{password}@{Address}");
}

/// <summary>Makes databases and logins, by statements that the server itself quotes.</summary>
internal static class PostgresDatabases
{
    public static string AddressOf(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        foreach (var personal in new[] { "Username", "Password", "Database", "Passfile" })
            parts.Remove(personal);
        return parts.ConnectionString;
    }

    public static async Task AnswersAsync(IPostgresServer server, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, cancellationToken);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Every login may enter the databases that a server comes with, until told otherwise.</summary>
    public static async Task CloseToServicesAsync(IPostgresServer server, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(server, cancellationToken);
        await using var command = new NpgsqlCommand("revoke all on database postgres, template1 from public", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task CreateAsync(PostgresDatabaseResource resource, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(resource.Parent, cancellationToken);
        var verifier = ScramVerifier(await resource.Password.GetValueAsync(cancellationToken) ?? "");
        string[] statements =
        [
            "select format('create role %I', $1) where not exists (select from pg_roles where rolname = $1)",
            "select format('alter role %I login password %L', $1, $2)",
            "select format('grant %I to current_user', $1) where not (select rolsuper from pg_roles where rolname = current_user)",
            "select format('create database %I owner %I', $1, $1) where not exists (select from pg_database where datname = $1)",
            "select format('revoke all on database %I from public', $1)",
        ];
        foreach (var statement in statements)
        {
            await using var compose = new NpgsqlCommand(statement, connection)
            {
                Parameters = { new() { Value = resource.Database }, new() { Value = verifier } },
            };
            if (await compose.ExecuteScalarAsync(cancellationToken) is not string composed)
                continue;
            await using var execute = new NpgsqlCommand(composed, connection);
            await execute.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>What the server keeps of a password (RFC 5802, RFC 7677): sent instead of it, so that no statement log can hold it.</summary>
    private static string ScramVerifier(string password)
    {
        const int iterations = 4096;
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
    }

    private static async Task<NpgsqlConnection> OpenAsync(IPostgresServer server, CancellationToken cancellationToken)
    {
        var text = await server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(text) { Pooling = false, Timeout = 5 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>Whether a server speaks its protocol, without a client library and without signing in.</summary>
internal static class ServerGreeting
{
    /// <summary>Any answer to PING will do, also that one must sign in first.</summary>
    public static async Task OfRedisAsync(EndpointReference endpoint, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(endpoint, "PING\r\n"u8.ToArray(), 1, cancellationToken);
        if (answer[0] is not ((byte)'+' or (byte)'-'))
            throw new IOException("The answer is not Redis's.");
    }

    /// <summary>AMQP 0-9-1: the broker answers the protocol header with Connection.Start (class 10, method 10) on channel 0.</summary>
    public static async Task OfRabbitMqAsync(EndpointReference endpoint, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(endpoint, [.. "AMQP"u8, 0, 0, 9, 1], 11, cancellationToken);
        if (answer[0] != 1 || BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(7)) != (10 << 16 | 10))
            throw new IOException("The answer is not RabbitMQ's.");
    }

    private static async Task<byte[]> AskAsync(EndpointReference endpoint, byte[] question, int answerLength, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
        await client.GetStream().WriteAsync(question, cancellationToken);
        var answer = new byte[answerLength];
        await client.GetStream().ReadExactlyAsync(answer, cancellationToken);
        return answer;
    }
}
