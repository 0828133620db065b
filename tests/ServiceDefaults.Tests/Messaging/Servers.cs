using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Tests.Messaging;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(Servers))]

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

/// <summary>The real PostgreSQL, Redis and RabbitMQ that the tests of this assembly share: started on free loopback ports, gone at the end.</summary>
public sealed class Servers : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("ts-messaging-").FullName;
    private readonly int _postgresPort = FreePort.Find();
    private readonly int _rabbitPort = FreePort.Find();
    private readonly int _rabbitDistribution = FreePort.Find();
    private readonly int _epmdPort = FreePort.Find();
    private readonly int _redisPort = FreePort.Find();
    private Process? _postgres;
    private Process? _redis;
    private Process? _rabbit;
    private int _databases;

    /// <summary>The broker's address.</summary>
    public string Rabbit => $"amqp://guest:guest@127.0.0.1:{_rabbitPort}/";

    /// <summary>The cache's address; its password is <c>test</c>.</summary>
    public string Redis => $"127.0.0.1:{_redisPort},allowAdmin=true,password=test";

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>
    /// Stops the broker as an operator does. (A quorum queue that is killed within seconds of its declaration may come back without its log and without a
    /// leader on RabbitMQ 3.10: that is the broker's, not ours.)
    /// </summary>
    public async Task StopBrokerAsync()
    {
        using var terminate = Start("kill", ["-TERM", $"{_rabbit!.Id}"], []);
        await _rabbit.WaitForExitAsync();
    }

    /// <summary>Starts the broker on the data it had.</summary>
    public async Task StartBrokerAsync()
    {
        var home = Path.Combine(_root, "rabbit");
        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, "rabbitmq.conf"),
            $"listeners.tcp.default = 127.0.0.1:{_rabbitPort}\nlog.file.level = warning\nlog.console = false\n");
        await File.WriteAllTextAsync(Path.Combine(home, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(home, "env.conf"), "");
        _rabbit = Start("/usr/lib/rabbitmq/bin/rabbitmq-server", [], new()
        {
            ["HOME"] = home,
            ["RABBITMQ_NODENAME"] = $"ts{_rabbitPort}@localhost",
            ["RABBITMQ_NODE_PORT"] = $"{_rabbitPort}",
            ["RABBITMQ_DIST_PORT"] = $"{_rabbitDistribution}",
            ["ERL_EPMD_PORT"] = $"{_epmdPort}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home, "rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(home, "env.conf"),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(home, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home, "plugins"),
            ["RABBITMQ_FEATURE_FLAGS_FILE"] = Path.Combine(home, "feature-flags"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        });
        await AnswersAsync("RabbitMQ", _rabbit, async () =>
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(Rabbit) }.CreateConnectionAsync();
        });
    }

    public async ValueTask InitializeAsync() => await Task.WhenAll(StartPostgresAsync(), StartRedisAsync(), StartBrokerAsync());

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        foreach (var server in (Process?[])[_rabbit, _redis, _postgres])
        {
            if (server is { HasExited: false })
            {
                server.Kill(entireProcessTree: true);
                await server.WaitForExitAsync();
            }
        }
        using var epmd = Start("epmd", ["-port", $"{_epmdPort}", "-kill"], []);
        await epmd.WaitForExitAsync();
        Directory.Delete(_root, recursive: true);
    }

    private Process Start(string file, string[] arguments, Dictionary<string, string> environment)
    {
        // Into a file: a pipe would be inherited by daemons that outlive the server, and its end waited for.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >> \"$LOG\" 2>&1", file, .. arguments]);
        start.Environment["LOG"] = Path.Combine(_root, Path.GetFileName(file) + ".log");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Task AnswersAsync(string name, Process process, Func<Task> ask) => Eventually.SeesAsync<Exception?>(
        async () =>
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{name} ended instead of starting.");
            try
            {
                await ask();
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
        },
        e => e is null, $"{name} to start", TimeSpan.FromMinutes(2));

    private string ConnectionString(string database) => $"Host=127.0.0.1;Port={_postgresPort};Username=test;Password=test;Database={database};Maximum Pool Size=20";

    private async Task StartRedisAsync()
    {
        var file = Path.Combine(_root, "redis.conf");
        await File.WriteAllTextAsync(file, $"bind 127.0.0.1\nport {_redisPort}\nrequirepass test\nsave \"\"\nappendonly no\ndir {_root}\n");
        _redis = Start("redis-server", [file], []);
        await AnswersAsync("Redis", _redis, async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _redisPort);
        });
    }

    private async Task StartPostgresAsync()
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin";
        var data = Path.Combine(_root, "postgres");
        Directory.CreateDirectory(data);
        // PostgreSQL refuses to run as root.
        string[] user = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["env"];
        if (Environment.IsPrivilegedProcess)
        {
            using var open = Start("chmod", ["o+x", _root], []);
            using var own = Start("chown", ["postgres", data], []);
            await Task.WhenAll(open.WaitForExitAsync(), own.WaitForExitAsync());
        }
        var password = Path.Combine(_root, "password");
        await File.WriteAllTextAsync(password, "test");
        using (var init = Start(user[0], [.. user[1..], $"{binaries}/initdb", "-D", data, "-U", "test", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-sync"], []))
        {
            await init.WaitForExitAsync();
            init.ExitCode.ShouldBe(0, "initdb");
        }
        _postgres = Start(user[0],
        [
            .. user[1..], $"{binaries}/postgres", "-D", data, "-p", $"{_postgresPort}",
            "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={data}",
        ], []);
        await AnswersAsync("PostgreSQL", _postgres, async () =>
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
            await connection.OpenAsync();
        });
    }
}
