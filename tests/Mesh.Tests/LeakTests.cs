using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;
using TalentSphere.Mesh.Tests.Access;
using TalentSphere.TestKit;
using Xunit.Sdk;
using Xunit.v3;

namespace TalentSphere.Mesh.Tests;

/// <summary>
/// Runs when all others have: what they and it said to the mesh in confidence is looked for in everything that the mesh keeps and tells. Only mails hold what they
/// are there to bring.
/// </summary>
public sealed partial class LeakTests(MeshFixture mesh)
{
    private static readonly string[] _services = ["auth", "challenges", "gamification", "gateway", "jobs", "lms", "notification"];

    [Fact]
    public async Task Nothing_that_the_mesh_keeps_or_tells_holds_a_password_a_token_a_link_or_a_private_key()
    {
        await using var tap = await ExchangeTap.OpenAsync(mesh.Command);
        await PlantAsync();
        var links = Directory.GetFiles(Path.Combine(mesh.Command.State, "mail"), "*.eml").SelectMany(f => Link().Matches(File.ReadAllText(f)).Select(m => m.Groups["token"].Value)).ToList();
        links.Count.ShouldBeGreaterThan(1);
        var privateKeys = await PrivateKeysAsync();
        var secrets = mesh.Secrets.Concat(links.Select(l => KeyValuePair.Create(l, "a link"))).DistinctBy(s => s.Key).ToList();
        foreach (var kind in (string[])["a registered password", "a new password", "an access token", "a refresh token", "a device's token", "an API key", "a secret", "a recovery code", "a link"])
            secrets.ShouldContain(s => s.Value == kind, kind);
        var search = new SecretSearch(secrets, [.. privateKeys, .. secrets.Where(s => s.Value == "a secret" && s.Key.Length == 32).Select(s => (FromBase32(s.Key), "a TOTP secret"))]);

        var found = new List<string>();
        var places = new Dictionary<string, long>();
        await foreach (var (place, text) in EverythingAsync(tap))
        {
            found.AddRange(search.In(text).Select(what => $"{what} in {place}"));
            if (Pem().IsMatch(text))
                found.Add($"a private key in {place}");
            var kind = place.Split(' ')[0];
            places[kind] = places.GetValueOrDefault(kind) + text.Length;
        }
        found.Distinct().ShouldBeEmpty();
        foreach (var kind in (string[])["table", "log", "event", "spans", "structured-logs", "redis", "metrics", "file"])
            places.GetValueOrDefault(kind).ShouldBeGreaterThan(0, kind);
        TestContext.Current.TestOutputHelper?.WriteLine($"{secrets.Count} secrets, {string.Join(", ", places.Select(p => $"{p.Key} {p.Value / 1024} KiB"))}");
    }

    [Fact]
    public void The_search_finds_what_is_there()
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        byte[] key = RandomNumberGenerator.GetBytes(33);
        var search = new SecretSearch([KeyValuePair.Create(secret, "it")], [(key, "the key")]);
        var bytes = Encoding.UTF8.GetBytes(secret);
        string[] forms =
        [
            secret, Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), Convert.ToBase64String(bytes), Convert.ToHexStringLower(Base64Url.DecodeFromChars(secret)),
            Convert.ToHexString(key), Convert.ToBase64String(key), Base64Url.EncodeToString(key),
        ];
        foreach (var form in forms)
            search.In($"in the middle of {form} something").ShouldNotBeEmpty(form);
        search.In($"nothing {RandomNumberGenerator.GetHexString(200)}").ShouldBeEmpty();
        Pem().IsMatch("""{"kty":"EC","d":"hqzJ1H7bYy1ZUV8oT6BqGdF4nA9sK2wQ3eR5tY7uI0o"}""").ShouldBeTrue();
        Pem().IsMatch("-----BEGIN EC PRIVATE KEY-----").ShouldBeTrue();
    }

    /// <summary>Uses everything that is secret about an account, rightly and wrongly.</summary>
    private async Task PlantAsync()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        using var anonymous = mesh.Anonymous();
        using var signedIn = mesh.WithToken(person.Token);

        await OkAsync(anonymous.PostAsync("/api/v1/auth/email/verify", new { token = await LinkAsync(person.Email, "verif") }));
        await anonymous.PostAsync("/api/v1/auth/login", new { email = person.Email, password = mesh.Keep("wrong-and-not-to-be-kept-8811", "a wrong password") });
        var second = mesh.Keep("second-of-the-passwords-8812", "a new password");
        await OkAsync(signedIn.PostAsync("/api/v1/auth/password/change", new { currentPassword = person.Password, newPassword = second }));
        await OkAsync(anonymous.PostAsync("/api/v1/auth/password/forgot", new { email = person.Email }));
        var third = mesh.Keep("third-of-the-passwords-8813", "a new password");
        await OkAsync(anonymous.PostAsync("/api/v1/auth/password/reset", new { token = await LinkAsync(person.Email, "reset"), newPassword = third }));

        var again = await mesh.SignInAsync(person.Email, third);
        using var owner = mesh.WithToken(again.Token);
        var enrolled = await OkAsync(owner.PostAsync("/api/v1/auth/mfa/enroll"));
        var shared = FromBase32(enrolled.Data["secret"]!.GetValue<string>());
        var confirmed = await OkAsync(owner.PostAsync("/api/v1/auth/mfa/confirm", new { otp = CodeOf(shared) }));
        var code = confirmed.Data["codes"]![0]!.GetValue<string>();
        await OkAsync(anonymous.PostAsync("/api/v1/auth/login", new { email = person.Email, password = third, otp = code }));

        var made = await OkAsync(owner.PostAsync("/api/v1/auth/api-keys", new { name = "planted", scopes = new[] { "auth:read", "jobs:read" } }));
        var key = made.Data["apiKey"]!.GetValue<string>();
        var token = (await OkAsync(anonymous.PostAsync("/api/v1/auth/token", new { apiKey = key }))).Data["accessToken"]!.GetValue<string>();
        using var program = mesh.WithToken(token);
        await OkAsync(program.AskAsync("/api/v1/auth/me"));
        // A board comes to be in Redis when somebody who has points is there to be asked for.
        await Eventually.SeesAsync(
            () => owner.AskAsync("/api/v1/gamification/me"), a => a.Status == HttpStatusCode.OK && a.Data["points"]?.GetValue<int>() > 0, "the first points",
            TimeSpan.FromSeconds(60));
        await OkAsync(owner.AskAsync("/api/v1/gamification/leaderboard"));
        await OkAsync(owner.PostAsync($"/api/v1/auth/api-keys/{made.Data["key"]!["id"]}/rotate", new { }));
        await OkAsync(owner.PostAsync("/api/v1/auth/mfa/recovery-codes"));
        var (adminsAddress, adminsPassword) = mesh.SeededAccount("admin");
        using var admin = mesh.WithToken((await mesh.SignInAsync(adminsAddress, adminsPassword)).Token);
        var system = await OkAsync(admin.PostAsync("/api/v1/auth/system-keys", new { name = "planted", scopes = new[] { "jobs:read" } }));
        using var signer = mesh.WithToken((await OkAsync(anonymous.ReadAsync(Signed(system)))).Data["accessToken"]!.GetValue<string>());
        await OkAsync(signer.AskAsync("/api/v1/applications"));

        // Where no secret belongs: in an address, in a header, in another's place.
        await anonymous.AskAsync($"/api/v1/auth/me?access_token={again.RefreshToken}");
        await anonymous.AskAsync($"/hubs/notifications?access_token={again.Token}");
        using var misplaced = new HttpRequestMessage(HttpMethod.Get, "/api/v1/jobs") { Headers = { { "x-correlation-id", again.RefreshToken + "!" }, { "x-api-key", key } } };
        await anonymous.ReadAsync(misplaced);
        await OkAsync(owner.PostAsync("/api/v1/auth/logout", new { refreshToken = again.RefreshToken }));
    }

    /// <summary>All that is kept and told, piece by piece.</summary>
    private async IAsyncEnumerable<(string Place, string Text)> EverythingAsync(ExchangeTap tap)
    {
        foreach (var service in _services)
        {
            await foreach (var row in TablesAsync(service))
                yield return row;
        }
        foreach (var (file, text) in mesh.Command.ReadLogs())
            yield return ($"log {file}", text);
        foreach (var message in tap.Heard)
            yield return ($"event {message.RoutingKey}", Read(message.Properties, message.Body));
        await foreach (var message in DeadLettersAsync())
            yield return message;
        using (var dashboard = await DashboardApi.OpenAsync(mesh.Command))
        {
            // JSON may spell signs of base64 out.
            foreach (var (place, address) in ((string, string)[])[("spans", "spans?limit=1000000"), ("structured-logs", "logs?limit=1000000")])
                yield return (place, Regex.Unescape((await dashboard.ReadAsync(address)).Replace("\\\"", "\"", StringComparison.Ordinal)));
        }
        foreach (var entry in await RedisAsync())
            yield return entry;
        using var http = new HttpClient();
        foreach (var resource in (await mesh.Command.StatusAsync()).Resources.Where(r => r.Name == "gateway" || _services.Contains(r.Name)))
            yield return ($"metrics {resource.Name}", await http.GetStringAsync(new Uri(new Uri(resource.Urls![0]), "/metrics")));
        foreach (var file in await FilesAsync())
            yield return file;
    }

    private async IAsyncEnumerable<(string Place, string Text)> TablesAsync(string service)
    {
        await using var database = NpgsqlDataSource.Create(ServerAddress.Postgres(await ConnectionAsync(service)));
        var tables = new List<string>();
        await using (var list = database.CreateCommand(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            """))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }
        tables.Count.ShouldBeGreaterThan(3);
        foreach (var table in tables)
        {
            // The name comes out of the catalogue, quoted. A row's text shows bytes as hexadecimal digits.
            await using var rows = database.CreateCommand($"SELECT string_agg(t::text, E'\\n') FROM (SELECT x.*, (row_number() OVER ()) / 1000 AS part FROM {table} x) t GROUP BY part");
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                yield return ($"table {service} {table}", reader.GetString(0));
        }
    }

    private async IAsyncEnumerable<(string Place, string Text)> DeadLettersAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(await ConnectionAsync("rabbitmq")) }.CreateConnectionAsync();
        foreach (var service in _services)
        {
            // Nothing is acknowledged: closing the channel puts everything back. The other queues are read by their services, and empty.
            await using var channel = await connection.CreateChannelAsync();
            while (await channel.BasicGetAsync($"{service}.events.dlq", autoAck: false) is { } message)
                yield return ($"queue {service}.events.dlq", Read(message.BasicProperties, message.Body.ToArray()));
        }
    }

    private async Task<List<(string Place, string Text)>> RedisAsync()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(ServerAddress.Redis(await ConnectionAsync("redis")));
        var database = redis.GetDatabase();
        var entries = new List<(string, string)>();
        foreach (var key in redis.GetServer(redis.GetEndPoints().Single()).Keys())
        {
            var text = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => (await database.StringGetAsync(key)).ToString(),
                RedisType.Hash => string.Join('\n', (await database.HashGetAllAsync(key)).Select(e => $"{e.Name}={e.Value}")),
                RedisType.List => string.Join('\n', await database.ListRangeAsync(key)),
                RedisType.Set => string.Join('\n', await database.SetMembersAsync(key)),
                RedisType.SortedSet => string.Join('\n', await database.SortedSetRangeByRankAsync(key)),
                _ => "",
            };
            entries.Add(("redis", $"{key}\n{text}"));
        }
        return entries;
    }

    /// <summary>What the servers have on disk, byte by byte: rows that were deleted, the write-ahead log, the queues' segments.</summary>
    private async Task<List<(string Place, string Text)>> FilesAsync()
    {
        await using var database = NpgsqlDataSource.Create(ServerAddress.Postgres(await ConnectionAsync("postgres")));
        await using var command = database.CreateCommand("SELECT current_setting('data_directory')");
        var directories = new[] { (string)(await command.ExecuteScalarAsync())!, Path.Combine(mesh.Command.State, "rabbitmq"), Path.Combine(mesh.Command.State, "redis") };
        var files = new List<(string, string)>();
        foreach (var path in directories.SelectMany(d => Directory.EnumerateFiles(d, "*", new EnumerationOptions { RecurseSubdirectories = true })))
        {
            // Each byte a character.
            if (await ReadAsync(path) is { Length: > 0 } bytes)
                files.Add(($"file {Path.GetFileName(path)}", Encoding.Latin1.GetString(bytes)));
        }
        return files;
    }

    private static async Task<byte[]?> ReadAsync(string path)
    {
        try
        {
            return await File.ReadAllBytesAsync(path);
        }
        catch (IOException)
        {
            // The servers work meanwhile: it is gone, or is no file.
            return null;
        }
    }

    private async Task<List<(byte[] Bytes, string What)>> PrivateKeysAsync()
    {
        const string all = "SELECT id, sealed_private_key FROM ";
        var keys = new List<(byte[], string)>();
        foreach (var (_, der) in (List<(string, byte[])>)
            [
                .. await SealedKeys.OpenAsync(mesh, "auth", all + "signing_keys", "auth-key-encryption-key", "talentsphere.auth.SigningKeyEncryption"),
                .. await SealedKeys.OpenAsync(mesh, "challenges", all + "verdict_keys", "proof-key-encryption-key", "talentsphere.challenges.verdict-keys"),
            ])
        {
            using var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(der, out _);
            keys.Add((key.ExportParameters(includePrivateParameters: true).D!, "a private key's number"));
        }
        keys.Count.ShouldBeGreaterThan(1);
        return keys;
    }

    private async Task<string> LinkAsync(string email, string about)
    {
        var folder = Path.Combine(mesh.Command.State, "mail");
        return await Eventually.SeesAsync(
            () => Task.FromResult(Directory.GetFiles(folder, "*.eml").Select(File.ReadAllText)
                .Where(m => m.Contains($"<{email}>", StringComparison.Ordinal) && m.Contains(about, StringComparison.OrdinalIgnoreCase))
                .Select(m => Link().Match(m).Groups["token"].Value).LastOrDefault(t => t.Length > 0) ?? ""),
            token => token.Length > 0, $"a mail about “{about}”");
    }

    private async Task<string> ConnectionAsync(string name)
    {
        var outcome = await mesh.Command.RunAsync("connection", name);
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        return outcome.Output.Trim();
    }

    private static string Read(IReadOnlyBasicProperties properties, byte[] body)
    {
        var headers = (properties.Headers ?? new Dictionary<string, object?>()).Select(h => $"{h.Key}={(h.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : h.Value)}");
        return $"{string.Join('\n', headers)}\n{Encoding.UTF8.GetString(body)}";
    }

    private static async Task<Answer> OkAsync(Task<Answer> asked)
    {
        var answer = await asked;
        ((int)answer.Status).ShouldBeInRange(200, 204, answer.Body);
        return answer;
    }

    /// <summary>What a system sends to be given a token: RFC 9421.</summary>
    private static HttpRequestMessage Signed(Answer made)
    {
        const string path = "/api/v1/auth/token/signed";
        var digest = $"sha-256=:{Convert.ToBase64String(SHA256.HashData([]))}:";
        var input = $"(\"@method\" \"@path\" \"@query\" \"content-digest\");created={DateTimeOffset.UtcNow.ToUnixTimeSeconds()};nonce=\"{Guid.CreateVersion7():N}\";keyid=\"{made.Data["key"]!["id"]}\"";
        var text = $"\"@method\": POST\n\"@path\": {path}\n\"@query\": ?\n\"content-digest\": {digest}\n\"@signature-params\": {input}";
        var signature = HMACSHA256.HashData(Convert.FromBase64String(made.Data["secret"]!.GetValue<string>()), Encoding.UTF8.GetBytes(text));
        return new HttpRequestMessage(HttpMethod.Post, path)
        {
            Headers = { { "Content-Digest", digest }, { "Signature-Input", "sig=" + input }, { "Signature", $"sig=:{Convert.ToBase64String(signature)}:" } },
        };
    }

    private static byte[] FromBase32(string text)
    {
        var number = text.Aggregate(BigInteger.Zero, (sum, c) => (sum * 32) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal));
        return (number >> (text.Length * 5 % 8)).ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    /// <summary>RFC 6238.</summary>
    private static string CodeOf(byte[] secret)
    {
        Span<byte> step = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What authenticators compute.
        var hash = HMACSHA1.HashData(secret, step);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & 0x7FFF_FFFF) % 1_000_000).ToString("D6");
    }

    [GeneratedRegex("#token=(?<token>[A-Za-z0-9_.-]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();

    [GeneratedRegex("""-----BEGIN [A-Z ]*PRIVATE KEY-----|"d"\s*:\s*"[A-Za-z0-9_-]{40,}"|PrivateKeyInfo""")]
    private static partial Regex Pem();
}

/// <summary>The class that looks at what all others left behind comes last; the others in no special order, the same each time.</summary>
internal sealed class LeaksLast : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => c.TestCollectionDisplayName.Contains(nameof(LeakTests), StringComparison.Ordinal)).ThenBy(c => c.UniqueID, StringComparer.Ordinal)];
}
