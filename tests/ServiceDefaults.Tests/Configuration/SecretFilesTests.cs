using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Configuration;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Tests.Messaging;
using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Configuration;

public sealed class SecretFilesTests(Servers servers) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ts-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_variables_of_settings_name_files()
    {
        var files = SecretFiles.FilesOf(
        [
            new("ConnectionStrings__lms_FILE", "/run/a"), new("Auth__KeyEncryptionKey_FILE", "/run/b"), new("SSL_CERT_FILE", "/etc/ssl"), new("Judge__Key", "plain"),
            new("Judge__Key_FILE", ""),
        ]);
        files.ShouldBe(new Dictionary<string, string> { ["ConnectionStrings:lms"] = "/run/a", ["Auth:KeyEncryptionKey"] = "/run/b" }, ignoreOrder: true);
    }

    [Fact]
    public void A_file_goes_before_the_variable_and_ends_without_its_line_end()
    {
        var path = Path.Combine(_folder, "key");
        File.WriteAllText(path, "from-the-file\n");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Judge:Key", "from-the-environment")])
            .Add(new SecretFilesSource(new Dictionary<string, string> { ["Judge:Key"] = path }, new HandClock())).Build();
        configuration["Judge:Key"].ShouldBe("from-the-file");
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named_at_the_start()
    {
        var builder = new ConfigurationBuilder().Add(new SecretFilesSource(new Dictionary<string, string> { ["Judge:Key"] = Path.Combine(_folder, "nowhere") }, TimeProvider.System));
        Should.Throw<InvalidOperationException>(builder.Build).Message.ShouldContain("Judge:Key");
    }

    [Fact]
    public void A_secret_that_is_exchanged_as_orchestrators_do_it_is_seen_and_one_that_is_away_stays()
    {
        var (first, second) = (Version("1", "one"), Version("2", "two"));
        var (data, path) = (Path.Combine(_folder, "..data"), Path.Combine(_folder, "key"));
        Directory.CreateSymbolicLink(data, first);
        File.CreateSymbolicLink(path, Path.Combine(data, "key"));
        var time = new HandClock();
        var configuration = Configure("Judge:Key", path, time);
        var reloads = 0;
        using var watch = Microsoft.Extensions.Primitives.ChangeToken.OnChange(configuration.GetReloadToken, () => reloads++);
        configuration["Judge:Key"].ShouldBe("one");

        File.Delete(data);
        time.Tick();
        configuration["Judge:Key"].ShouldBe("one");
        Directory.CreateSymbolicLink(data, second);
        time.Tick();
        configuration["Judge:Key"].ShouldBe("two");
        time.Tick();
        reloads.ShouldBe(1);

        string Version(string name, string content)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, "..v" + name)).FullName;
            File.WriteAllText(Path.Combine(folder, "key"), content);
            return folder;
        }
    }

    [Fact]
    public async Task A_password_that_is_exchanged_refuses_no_connection_to_the_database()
    {
        var administrator = await servers.CreateDatabaseAsync();
        var login = $"rotated_{Guid.CreateVersion7():N}";
        await ExecuteAsync(administrator, $"CREATE ROLE {login} LOGIN PASSWORD 'first'");
        var path = Path.Combine(_folder, "lms");
        string With(string password) => new NpgsqlConnectionStringBuilder(administrator) { Username = login, Password = password, MaxPoolSize = 5 }.ConnectionString;
        await File.WriteAllTextAsync(path, With("first"));
        var time = new HandClock();
        await using var database = ServiceDatabase.Connect(Configure("ConnectionStrings:lms", path, time), "lms", TimeProvider.System);
        await AnswersAsync(database);

        // Every process has the new one before the server does.
        await File.WriteAllTextAsync(path, With("second"));
        time.Tick();
        database.Clear();
        await AnswersAsync(database);
        await ExecuteAsync(administrator, $"ALTER ROLE {login} PASSWORD 'second'");
        await Eventually.TrueAsync(
            async () =>
            {
                database.Clear();
                try
                {
                    await AnswersAsync(database);
                    return true;
                }
                catch (PostgresException)
                {
                    return false;
                }
            },
            "the new password to be used");
        database.Clear();
        await AnswersAsync(database);
    }

    [Fact]
    public async Task A_password_that_is_exchanged_refuses_no_command_to_the_cache_and_subscribers_move()
    {
        var path = Path.Combine(_folder, "redis");
        await File.WriteAllTextAsync(path, servers.Redis);
        var time = new HandClock();
        await using var redis = new Redis(Configure("ConnectionStrings:redis", path, time), TimeProvider.System, NullLogger<Redis>.Instance);
        await (await redis.DatabaseAsync()).PingAsync();
        using var administrator = await ConnectionMultiplexer.ConnectAsync(servers.Redis);
        var replaced = redis.Replaced;

        // Not known to the server yet: what is there stays in use.
        await File.WriteAllTextAsync(path, servers.Redis.Replace("password=test", "password=second", StringComparison.Ordinal));
        time.Tick();
        await (await redis.DatabaseAsync()).PingAsync();
        replaced.IsCompleted.ShouldBeFalse();
        var server = administrator.GetDatabase();
        await server.ExecuteAsync("ACL", "SETUSER", "default", ">second");
        await replaced.WaitAsync(TimeSpan.FromSeconds(20));
        await (await redis.DatabaseAsync()).PingAsync();
        redis.Replaced.IsCompleted.ShouldBeFalse();

        // The old one is withdrawn, and every connection has to sign in again.
        await server.ExecuteAsync("ACL", "SETUSER", "default", "<test");
        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
        try
        {
            await Eventually.TrueAsync(AnswersAsync, "the new password to open the cache again");
        }
        finally
        {
            await (await redis.DatabaseAsync()).ExecuteAsync("ACL", "SETUSER", "default", ">test");
        }

        async Task<bool> AnswersAsync()
        {
            try
            {
                await (await redis.DatabaseAsync()).PingAsync();
                return true;
            }
            catch (RedisConnectionException)
            {
                return false;
            }
        }
    }

    private static IConfigurationRoot Configure(string setting, string path, TimeProvider time) =>
        new ConfigurationBuilder().Add(new SecretFilesSource(new Dictionary<string, string> { [setting] = path }, time)).Build();

    private static async Task AnswersAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT 1");
        (await command.ExecuteScalarAsync()).ShouldBe(1);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A clock whose timers ring when a test says so.</summary>
    private sealed class HandClock : TimeProvider
    {
        private Action? _ring;

        public void Tick() => _ring?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _ring += () => callback(state);
            return new Silent();
        }

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
