using Npgsql;
using TalentSphere.Cli;
using TalentSphere.Cli.Backup;

namespace TalentSphere.Kubernetes.Tests.Backup;

/// <summary>Backups of real databases, restored into a server that has none.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ts-backup-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_database_is_the_same_in_an_empty_server()
    {
        await using var source = await TestDatabase.CreateAsync("backup");
        await ExecuteAsync(source.ConnectionString, """
            CREATE EXTENSION pg_trgm;
            CREATE TABLE people (id uuid PRIMARY KEY, name text NOT NULL, tags text[] NOT NULL, secret bytea, at timestamptz NOT NULL DEFAULT now(), facts jsonb);
            CREATE INDEX ON people USING gin (name gin_trgm_ops);
            CREATE TABLE deeds (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who uuid NOT NULL REFERENCES people);
            INSERT INTO people SELECT gen_random_uuid(), 'Jürgen ''der'' \ Große ' || n, ARRAY['a', 'ü', NULL], sha256(n::text::bytea), now(), '{"n": 1.50}' FROM generate_series(1, 500) n;
            INSERT INTO deeds (who) SELECT id FROM people;
            """);
        var folder = BackupFolder.Create(Path.Combine(_root, "one"));
        await folder.CompleteAsync(new(DateTime.UtcNow, [await folder.AddAsync("people", source.ConnectionString, default)]), new Dictionary<string, string>(), default);

        var empty = await TestServers.StartAsync("postgres");
        var (opened, content) = await BackupFolder.OpenAsync(folder.FullPath, default);
        await ExecuteAsync(empty.Postgres, "CREATE ROLE people LOGIN PASSWORD 'a:b\\c'");
        var target = new NpgsqlConnectionStringBuilder(empty.Postgres) { Database = "people", Username = "people", Password = "a:b\\c" }.ConnectionString;
        await DatabaseDump.ReadAsync(empty.Postgres, target, opened.In(content.Databases.Single().File), default);
        (await ContentAsync(target)).ShouldBe(await ContentAsync(source.ConnectionString));
        // And again, over what is there, while somebody is connected.
        await using (var busy = new NpgsqlConnection(target))
        {
            await busy.OpenAsync();
            await ExecuteAsync(target, "DELETE FROM deeds; CREATE TABLE later (id int)");
            await DatabaseDump.ReadAsync(empty.Postgres, target, opened.In(content.Databases.Single().File), default);
        }
        NpgsqlConnection.ClearAllPools();
        (await ContentAsync(target)).ShouldBe(await ContentAsync(source.ConnectionString));
        // A sequence goes on where it was.
        await ExecuteAsync(target, "INSERT INTO deeds (who) SELECT id FROM people LIMIT 1");
        foreach (var file in Directory.EnumerateFiles(folder.FullPath))
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Fact]
    public async Task What_was_changed_cut_short_or_never_finished_is_no_backup()
    {
        await using var source = await TestDatabase.CreateAsync("backup");
        await ExecuteAsync(source.ConnectionString, "CREATE TABLE numbers AS SELECT n FROM generate_series(1, 10000) n");
        var folder = BackupFolder.Create(Path.Combine(_root, "two"));
        var dump = await folder.AddAsync("numbers", source.ConnectionString, default);
        (await Should.ThrowAsync<MeshException>(() => BackupFolder.OpenAsync(folder.FullPath, default))).Message.ShouldContain("not finished");
        await folder.CompleteAsync(new(DateTime.UtcNow, [dump]), new Dictionary<string, string>(), default);
        (await BackupFolder.OpenAsync(folder.FullPath, default)).Content.Databases.ShouldBe([dump]);

        var whole = await File.ReadAllBytesAsync(folder.In(dump.File));
        whole[whole.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(folder.In(dump.File), whole);
        (await Should.ThrowAsync<MeshException>(() => BackupFolder.OpenAsync(folder.FullPath, default))).Message.ShouldContain("not what was written");
        await File.WriteAllBytesAsync(folder.In(dump.File), whole[..^100]);
        await Should.ThrowAsync<MeshException>(() => DatabaseDump.CheckAsync(folder.In(dump.File), default));
        Should.Throw<MeshException>(() => BackupFolder.Create(folder.FullPath)).Message.ShouldContain("not empty");
    }

    [Fact]
    public async Task A_dump_that_cannot_be_read_in_leaves_the_database_as_it_was()
    {
        await using var target = await TestDatabase.CreateAsync("backup");
        await ExecuteAsync(target.ConnectionString, "CREATE TABLE kept AS SELECT 1 AS n");
        var before = await ContentAsync(target.ConnectionString);
        var broken = Path.Combine(_root, "broken.dump");
        await File.WriteAllTextAsync(broken, "PGDMP and nothing after it");
        await Should.ThrowAsync<MeshException>(async () => await DatabaseDump.ReadAsync((await TestServers.GetAsync()).Postgres, target.ConnectionString, broken, default));
        (await ContentAsync(target.ConnectionString)).ShouldBe(before);
    }

    /// <summary>Every table's columns, indexes and rows.</summary>
    private static async Task<string> ContentAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT string_agg(line, E'\n' ORDER BY line) FROM (
                SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT 'rows ' || table_name || ' ' || (xpath('//row/text()', query_to_xml(
                    format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text)) || count(*) AS row FROM %I t', table_name), true, true, '')))[1]::text
                FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE') AS everything (line)
            """, connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
