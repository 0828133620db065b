using System.Globalization;
using Npgsql;
using TalentSphere.Cli.Machine;

namespace TalentSphere.Cli.Backup;

/// <summary>One database into one file and back, by PostgreSQL's own programs, as the CronJob of the manifests does it.</summary>
public static class DatabaseDump
{
    /// <summary>Writes a consistent picture of a database (<c>pg_dump</c>'s custom format). A file that is there is complete.</summary>
    /// <param name="connectionString">The owner's access (Npgsql).</param>
    /// <param name="file">Where to; made with mode 0600.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="MeshException">The database cannot be read, or what was written cannot be.</exception>
    public static async Task WriteAsync(string connectionString, string file, CancellationToken cancellationToken)
    {
        var part = file + ".part";
        await using (new FileStream(part, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            // For its mode: pg_dump writes into what is there.
        }
        await RunAsync("pg_dump", connectionString, ["--format=custom", "--no-owner", "--file=" + part], cancellationToken);
        await CheckAsync(part, cancellationToken);
        File.Move(part, file, overwrite: true);
    }

    /// <summary>Makes sure that a file is a dump that can be read to its end.</summary>
    /// <exception cref="MeshException">It is not.</exception>
    public static Task CheckAsync(string file, CancellationToken cancellationToken) => RunAsync("pg_restore", null, ["--file=/dev/null", file], cancellationToken);

    /// <summary>
    /// Puts a dump in the place of a database. It is read into a new one first, which then takes the name: whatever fails before leaves the old one as it was.
    /// </summary>
    /// <param name="administrator">Access to the server (Npgsql) that may make and drop databases.</param>
    /// <param name="connectionString">The owner's access to the database, which need not exist yet; the login must.</param>
    /// <param name="file">The dump.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MeshException">The dump cannot be read in.</exception>
    public static async Task ReadAsync(string administrator, string connectionString, string file, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        var (database, owner) = (target.Database!, target.Username!);
        target.Database += "_restoring";
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(administrator) { Pooling = false }.ConnectionString);
        await ComposeAsync(server, "select format('drop database if exists %I with (force)', $1)", cancellationToken, target.Database);
        await ComposeAsync(server, "select format('create database %I owner %I', $1, $2)", cancellationToken, target.Database, owner);
        await ComposeAsync(server, "select format('revoke all on database %I from public', $1)", cancellationToken, target.Database);
        await RunAsync("pg_restore", target.ConnectionString, ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname=" + target.Database, file], cancellationToken);
        await ComposeAsync(server, "select format('drop database if exists %I with (force)', $1)", cancellationToken, database);
        await ComposeAsync(server, "select format('alter database %I rename to %I', $1, $2)", cancellationToken, target.Database, database);
    }

    /// <summary>Runs a statement that the server itself has quoted the names of.</summary>
    private static async Task ComposeAsync(NpgsqlDataSource server, string format, CancellationToken cancellationToken, params string[] names)
    {
        await using var compose = server.CreateCommand(format);
        foreach (var name in names)
            compose.Parameters.Add(new() { Value = name });
        await using var execute = server.CreateCommand((string)(await compose.ExecuteScalarAsync(cancellationToken))!);
        await execute.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Access goes by the environment and a password file that nobody else can read, never by arguments.</summary>
    private static async Task RunAsync(string program, string? connectionString, string[] arguments, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("talentsphere-dump-").FullName;
        try
        {
            var environment = new Dictionary<string, string>();
            if (connectionString is not null)
            {
                var access = new NpgsqlConnectionStringBuilder(connectionString);
                environment["PGHOST"] = access.Host!;
                environment["PGPORT"] = access.Port.ToString(CultureInfo.InvariantCulture);
                environment["PGUSER"] = access.Username!;
                environment["PGDATABASE"] = access.Database!;
                environment["PGPASSFILE"] = Path.Combine(folder, "pgpass");
                await using var passwords = new StreamWriter(new FileStream(environment["PGPASSFILE"], new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }));
                await passwords.WriteAsync($"*:*:*:*:{access.Password?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal)}\n");
            }
            var log = Path.Combine(folder, "log");
            var file = Prerequisites.FindPostgresProgram(program) ?? throw new MeshException($"{program} is missing: it comes with PostgreSQL's client programs");
            if (await Tool.RunToLogAsync(log, file, arguments, environment, cancellationToken: cancellationToken) != 0)
                throw new MeshException($"{program} failed: {Tool.Tail(log, 5)}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
