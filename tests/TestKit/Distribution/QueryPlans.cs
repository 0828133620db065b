using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace TalentSphere.TestKit;

/// <summary>One statement as the server planned it, with its parameters.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Partitions">How many partitions of each distributed table it reads or changes; inserted rows find theirs by themselves.</param>
public sealed record QueryPlan(string Text, IReadOnlyDictionary<string, int> Partitions)
{
    /// <summary>More than one partition of some table: no single node could answer it.</summary>
    public bool IsScattered => Partitions.Values.Any(n => n > 1);

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", Partitions.Select(p => $"{p.Key} {p.Value}/{CitusStandIn.Partitions}"))}: {Text}";
}

/// <summary>
/// Collects the plan of every statement that the service's contexts run: PostgreSQL's own auto_explain says them to the connection that asked. Give the service
/// <see cref="ExplainedBy"/>'s connection string, and this among its interceptors.
/// </summary>
public sealed partial class QueryPlans : DbConnectionInterceptor
{
    private readonly ConcurrentQueue<string> _told = [];

    /// <summary>The same connection, whose server tells its plans.</summary>
    public static string ExplainedBy(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_format=json -c auto_explain.log_level=notice",
    }.ConnectionString;

    /// <summary>The statements so far that have to do with distributed tables.</summary>
    public IReadOnlyList<QueryPlan> Seen => [.. _told.Select(Read).Where(p => p.Partitions.Count > 0)];

    /// <summary>Begins anew.</summary>
    public void Forget() => _told.Clear();

    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Listen(connection);

    /// <inheritdoc/>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Listen(connection);
        return Task.CompletedTask;
    }

    private void Listen(DbConnection connection)
    {
        var one = (NpgsqlConnection)connection;
        // A context opens the same connection again and again.
        one.Notice -= Hear;
        one.Notice += Hear;
    }

    private void Hear(object sender, NpgsqlNoticeEventArgs told)
    {
        if (told.Notice.MessageText.IndexOf("plan:\n{", StringComparison.Ordinal) is > 0 and var at)
            _told.Enqueue(told.Notice.MessageText[(at + "plan:\n".Length)..]);
    }

    private static QueryPlan Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var partitions = new HashSet<string>(StringComparer.Ordinal);
        Collect(document.RootElement.GetProperty("Plan"), partitions);
        return new(
            document.RootElement.GetProperty("Query Text").GetString()!,
            partitions.GroupBy(p => p[..p.LastIndexOf("_p", StringComparison.Ordinal)], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal));
    }

    private static void Collect(JsonElement node, HashSet<string> partitions)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in node.EnumerateArray())
                Collect(item, partitions);
        }
        if (node.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in node.EnumerateObject())
        {
            if (property.NameEquals("Relation Name") && Partition().IsMatch(property.Value.GetString()!))
                partitions.Add(property.Value.GetString()!);
            else
                Collect(property.Value, partitions);
        }
    }

    [GeneratedRegex("_p[0-7]$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Partition();
}
