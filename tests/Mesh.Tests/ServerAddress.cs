using Npgsql;
using StackExchange.Redis;

namespace TalentSphere.Mesh.Tests;

/// <summary>Reads what <c>mesh connection</c> prints: an address, or a connection string.</summary>
internal static class ServerAddress
{
    /// <summary>For Npgsql.</summary>
    public static string Postgres(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return address;
        var login = uri.UserInfo.Split(':').Select(Uri.UnescapeDataString).ToArray();
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Database = uri.AbsolutePath.Trim('/'),
            Username = login[0],
            Password = login[1],
        }.ConnectionString;
    }

    /// <summary>For StackExchange.Redis.</summary>
    public static ConfigurationOptions Redis(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return ConfigurationOptions.Parse(address);
        return new ConfigurationOptions { EndPoints = { { uri.Host, uri.Port } }, Password = Uri.UnescapeDataString(uri.UserInfo.Split(':')[^1]) };
    }
}
