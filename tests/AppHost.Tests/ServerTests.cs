using Npgsql;
using RabbitMQ.Client;

namespace TalentSphere.AppHost.Tests;

/// <summary>The real servers, started inside the test process as other test projects do.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task PostgreSQL_has_a_database_and_a_login_per_service_that_can_enter_no_other()
    {
        var builder = LocalRun.Builder();
        var server = builder.AddPostgresServer("postgres");
        var lms = server.AddDatabase("lms-db", "lms");
        var jobs = server.AddDatabase("jobs-db", "jobs");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        var text = (await lms.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!;

        await using (var own = await OpenAsync(text))
        {
            (await ScalarAsync(own, "select current_user || '@' || current_database()")).ShouldBe("lms@lms");
            await ScalarAsync(own, "create table lesson (id uuid primary key)");
            (await ScalarAsync(own, "show listen_addresses")).ShouldBe("127.0.0.1");
        }
        foreach (var other in new[] { "jobs", "postgres" })
        {
            var elsewhere = new NpgsqlConnectionStringBuilder(text) { Database = other }.ConnectionString;
            var refused = await Should.ThrowAsync<PostgresException>(() => OpenAsync(elsewhere));
            refused.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        }
        var guess = new NpgsqlConnectionStringBuilder(text) { Password = "guess" }.ConnectionString;
        var wrong = await Should.ThrowAsync<PostgresException>(() => OpenAsync(guess));
        wrong.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);

        // The same again, on somebody else's server: what is there stays.
        var external = LocalRun.Builder(
            "--infra", "external",
            "--ConnectionStrings:postgres", (await server.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!,
            "--ConnectionStrings:jobs", (await jobs.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!);
        var theirs = external.AddPostgresServer("postgres");
        var lmsThere = theirs.AddDatabase("lms-db", "lms");
        var jobsThere = theirs.AddDatabase("jobs-db", "jobs");
        await using var second = external.Build();
        await second.StartAsync(LocalRun.Cancelled);

        await using var again = await OpenAsync((await lmsThere.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!);
        (await ScalarAsync(again, "select count(*) from lesson")).ShouldBe(0L);
        await using var given = await OpenAsync((await jobsThere.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!);
        (await ScalarAsync(given, "select current_user::text")).ShouldBe("jobs");
    }

    [Fact]
    public async Task RabbitMQ_keeps_messages_in_a_quorum_queue_and_knows_no_guest()
    {
        var builder = LocalRun.Builder();
        var server = builder.AddRabbitMqServer("rabbitmq");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        var uri = new Uri((await server.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!);

        await using var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync(LocalRun.Cancelled);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: LocalRun.Cancelled);
        await channel.QueueDeclareAsync(
            "lms.events", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: LocalRun.Cancelled);
        await channel.BasicPublishAsync("", "lms.events", "fact"u8.ToArray(), LocalRun.Cancelled);
        var got = await LocalRun.EventuallyAsync(async () =>
        {
            var message = await channel.BasicGetAsync("lms.events", autoAck: true, LocalRun.Cancelled);
            return (message is not null, message);
        });
        got!.Body.ToArray().ShouldBe("fact"u8.ToArray());

        var guest = new ConnectionFactory { HostName = uri.Host, Port = uri.Port, UserName = "guest", Password = "guest" };
        await Should.ThrowAsync<RabbitMQ.Client.Exceptions.BrokerUnreachableException>(() => guest.CreateConnectionAsync(LocalRun.Cancelled));
    }

    [Fact]
    public async Task Redis_wants_its_password()
    {
        var builder = LocalRun.Builder();
        var server = builder.AddRedisServer("redis");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        var text = (await server.Resource.GetConnectionStringAsync(LocalRun.Cancelled))!;
        var (address, password) = (text.Split(',')[0].Split(':'), text.Split("password=")[1]);

        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture), LocalRun.Cancelled);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync("GET x\r\n"u8.ToArray(), LocalRun.Cancelled);
        (await reader.ReadLineAsync(LocalRun.Cancelled))!.ShouldStartWith("-NOAUTH");
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"), LocalRun.Cancelled);
        (await reader.ReadLineAsync(LocalRun.Cancelled)).ShouldBe("+OK");
        (await reader.ReadLineAsync(LocalRun.Cancelled)).ShouldBe("+PONG");
    }

    [Fact]
    public async Task External_servers_without_an_address_are_asked_for_by_name()
    {
        var builder = LocalRun.Builder("--infra", "external");
        builder.AddRedisServer("redis");
        await using var app = builder.Build();

        (await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(LocalRun.Cancelled)))
            .Message.ShouldBe("The connection string 'redis' has no value: set ConnectionStrings__redis.");
    }

    private static async Task<NpgsqlConnection> OpenAsync(string text)
    {
        var connection = new NpgsqlConnection($"{text};Pooling=false");
        await connection.OpenAsync(LocalRun.Cancelled);
        return connection;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(LocalRun.Cancelled);
    }
}
