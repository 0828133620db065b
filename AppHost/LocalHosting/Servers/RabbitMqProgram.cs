using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// rabbitmq-server with an epmd of its own beside it: the shared one that Erlang would start in the background would outlive the mesh. The user comes
/// from a definitions file with a salted hash (RabbitMQ's "password_hashing_sha256"), so that its password stands in no file of RabbitMQ and in no argument.
/// </summary>
internal sealed class RabbitMqProgram(PortLeases ports) : IServerProgram
{
    private readonly Lazy<(int Distribution, int Names)> _ports = new(() => (ports.Take(), ports.Take()));

    public string Image => "rabbitmq";

    public async Task<LaunchSpec> PrepareAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        var server = Programs.Find("rabbitmq-server", "rabbitmq-server", "/usr/lib/rabbitmq/bin");
        var epmd = Programs.Find("epmd", "erlang-base");
        string In(string file) => Path.Combine(request.Directory, file);
        PrivateFile.Write(In("definitions.json"), Definitions(request.Required("RABBITMQ_DEFAULT_USER"), request.Required("RABBITMQ_DEFAULT_PASS")));
        await File.WriteAllTextAsync(In("enabled_plugins"), "[].\n", cancellationToken);
        await File.WriteAllTextAsync(In("rabbitmq.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            listeners.tcp.local = 127.0.0.1:{request.Port}
            load_definitions = {In("definitions.json")}
            log.console = true
            log.console.level = warning
            log.file = false
            disk_free_limit.absolute = 50MB
            vm_memory_high_watermark.relative = 0.2
            raft.wal_max_size_bytes = 16777216
            collect_statistics = none
            """), cancellationToken);
        var names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ERL_EPMD_PORT"] = _ports.Value.Names.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_AFLAGS"] = "-start_epmd false",
        };
        return new(server, [], request.Directory)
        {
            Environment = new Dictionary<string, string>(names, StringComparer.Ordinal)
            {
                // Any of the script's "run in the foreground" modes makes it become the server instead of watching over it.
                ["RUNNING_UNDER_SYSTEMD"] = "true",
                ["HOME"] = request.Directory,
                ["RABBITMQ_NODENAME"] = "mesh@localhost",
                ["RABBITMQ_DIST_PORT"] = _ports.Value.Distribution.ToString(CultureInfo.InvariantCulture),
                ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
                ["RABBITMQ_CONFIG_FILE"] = In("rabbitmq"),
                ["RABBITMQ_ADVANCED_CONFIG_FILE"] = In("advanced"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("enabled_plugins"),
                ["RABBITMQ_FEATURE_FLAGS_FILE"] = In("feature_flags"),
                ["RABBITMQ_MNESIA_BASE"] = In("data"),
                ["RABBITMQ_LOG_BASE"] = In("log"),
                ["RABBITMQ_LOGS"] = "-",
                ["RABBITMQ_GENERATED_CONFIG_DIR"] = In("generated"),
                ["RABBITMQ_SCHEMA_DIR"] = In("schema"),
                ["RABBITMQ_PLUGINS_EXPAND_DIR"] = In("plugins"),
                ["RABBITMQ_PID_FILE"] = In("pid"),
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
                ["ERL_CRASH_DUMP"] = "/dev/null",
            },
            Companion = new(epmd, ["-address", "127.0.0.1", "-port", names["ERL_EPMD_PORT"]], request.Directory) { Port = _ports.Value.Names },
        };
    }

    private static string Definitions(string user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(4);
        var hash = Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
        return JsonSerializer.Serialize(new
        {
            users = new[] { new { name = user, password_hash = hash, hashing_algorithm = "rabbit_password_hashing_sha256", tags = "administrator" } },
            vhosts = new[] { new { name = "/" } },
            permissions = new[] { new { user, vhost = "/", configure = ".*", write = ".*", read = ".*" } },
        });
    }
}
