using System.Security.Cryptography;
using Npgsql;
using TalentSphere.Kubernetes.Tests.Processes;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(Pods))]

namespace TalentSphere.Kubernetes.Tests.Processes;

/// <summary>Every workload of the manifests as a process, in the order of a first deployment: migrations, then all at once.</summary>
public sealed class Pods : IAsyncLifetime
{
    /// <summary>The workloads whose process stays up whatever the machine allows strangers' programs; the judge's boxes are Judge.Tests' business.</summary>
    public static IReadOnlyList<string> Workloads { get; } =
        [.. Directory.GetDirectories(Path.Combine(Checkout.Manifests, "base")).Select(d => Path.GetFileName(d)!).Where(n => n != "judge").Order(StringComparer.Ordinal)];

    private readonly string _root = Directory.CreateTempSubdirectory("ts-pods-").FullName;
    private readonly Dictionary<string, PodProcess> _processes = [];
    private readonly List<TestDatabase> _databases = [];
    private readonly Dictionary<string, string> _administrators = [];
    private TestServers? _servers;

    /// <summary>The plug of each service's database.</summary>
    internal Dictionary<string, Cable> Cables { get; } = [];

    internal PodProcess this[string workload] => _processes[workload];

    /// <summary>The folder that stands for a workload's mounted secrets.</summary>
    public string SecretsOf(string workload) => Path.Combine(_root, workload);

    /// <summary>One more replica.</summary>
    internal PodProcess Another(string workload) => PodProcess.Start(workload, SecretsOf(workload), Others([]));

    /// <summary>Gives a service's login another password, at the server alone.</summary>
    public async Task<string> ExchangePasswordAsync(string service)
    {
        var password = Password();
        await ExecuteAsync(_administrators[service], $"ALTER ROLE {LoginOf(service)} PASSWORD '{password}'");
        return password;
    }

    /// <summary>What the secret of a service's database says with a password.</summary>
    public string DatabaseOf(string service, string password) => new NpgsqlConnectionStringBuilder(_administrators[service])
    {
        Host = "127.0.0.1",
        Port = Cables[service].Port,
        Username = LoginOf(service),
        Password = password,
    }.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _servers = await TestServers.GetAsync();
        foreach (var workload in Workloads)
            await PrepareAsync(workload);
        await Task.WhenAll(Workloads.Where(w => Cables.ContainsKey(w)).Select(MigrateAsync));
        var addresses = new Dictionary<string, string>();
        // Auth first, because the others are told where it is; in a cluster that is a name.
        foreach (var workload in Workloads.OrderByDescending(w => w == "auth").ThenBy(w => w == "gateway"))
        {
            _processes[workload] = PodProcess.Start(workload, SecretsOf(workload), Others(addresses));
            addresses[$"services__{workload}__http__0"] = $"http://127.0.0.1:{_processes[workload].Port}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
            await process.DisposeAsync();
        foreach (var cable in Cables.Values)
            await cable.DisposeAsync();
        foreach (var database in _databases)
            await database.DisposeAsync();
        foreach (var service in _administrators.Keys)
            await ExecuteAsync(_servers!.Postgres, $"DROP ROLE IF EXISTS {LoginOf(service)}");
        Directory.Delete(_root, recursive: true);
    }

    private static string LoginOf(string service) => $"pod_{service}_{Environment.ProcessId}";

    private static string Password() => Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What comes from the overlay's parameters, and where the cluster's names lead to here.</summary>
    private static Dictionary<string, string> Others(Dictionary<string, string> addresses) => new(addresses)
    {
        ["Auth__Issuer"] = "https://talentsphere.example",
        ["Auth__Admin__Email"] = "first@talentsphere.example",
        ["Mail__From"] = "noreply@talentsphere.example",
        ["Mail__Smtp__Host"] = "127.0.0.1",
        ["Mail__Smtp__User"] = "mail",
        // Nobody collects here.
        ["OTEL_SDK_DISABLED"] = "true",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9",
    };

    private async Task PrepareAsync(string workload)
    {
        Directory.CreateDirectory(SecretsOf(workload));
        foreach (var setting in PodProcess.ConfigurationOf(workload).Where(s => s.Key.EndsWith("_FILE", StringComparison.Ordinal)).Select(s => Path.GetFileName(s.Value)))
        {
            var value = setting switch
            {
                "ConnectionStrings__redis" => _servers!.Redis,
                "ConnectionStrings__rabbitmq" => _servers!.RabbitMq,
                _ when setting == $"ConnectionStrings__{workload}" => await CreateDatabaseAsync(workload),
                _ => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            };
            await File.WriteAllTextAsync(Path.Combine(SecretsOf(workload), setting), value);
        }
    }

    private async Task<string> CreateDatabaseAsync(string service)
    {
        var database = await TestDatabase.CreateAsync($"pod_{service}");
        _databases.Add(database);
        _administrators[service] = database.ConnectionString;
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        Cables[service] = new(address.Host!, address.Port);
        var password = Password();
        await ExecuteAsync(database.ConnectionString, $"CREATE ROLE {LoginOf(service)} LOGIN PASSWORD '{password}'");
        await ExecuteAsync(database.ConnectionString, $"ALTER DATABASE \"{address.Database}\" OWNER TO {LoginOf(service)}");
        await ExecuteAsync(database.ConnectionString, $"ALTER SCHEMA public OWNER TO {LoginOf(service)}");
        return DatabaseOf(service, password);
    }

    private async Task MigrateAsync(string service)
    {
        await using var job = PodProcess.Start(service, SecretsOf(service), Others([]), "--migrate");
        (await job.ExitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, $"{service} --migrate:\n{job.Output}");
    }
}
