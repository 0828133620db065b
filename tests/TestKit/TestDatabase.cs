using Npgsql;

namespace TalentSphere.TestKit;

/// <summary>A fresh database on the test run's server, dropped when disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _administrator;
    private readonly string _name;

    private TestDatabase(string administrator, string name)
    {
        (_administrator, _name) = (administrator, name);
        ConnectionString = new NpgsqlConnectionStringBuilder(administrator) { Database = name }.ConnectionString;
    }

    /// <summary>For Npgsql.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates one.</summary>
    public static async Task<TestDatabase> CreateAsync(string purpose)
    {
        var database = new TestDatabase((await TestServers.GetAsync()).Postgres, $"test_{purpose}_{Guid.CreateVersion7():N}");
        await database.AdministerAsync($"CREATE DATABASE \"{database._name}\"");
        return database;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await AdministerAsync($"DROP DATABASE IF EXISTS \"{_name}\" WITH (FORCE)");
    }

    // A database's name cannot be a parameter; this one is made of our own purpose and hexadecimal digits.
    private async Task AdministerAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_administrator) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}
