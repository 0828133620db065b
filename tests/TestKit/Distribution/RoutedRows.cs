using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TalentSphere.TestKit;

/// <summary>
/// PostgreSQL gives back no <c>xmin</c> of a row that it inserts through a partitioned table. A shard is a plain table, and Citus does: here an inserted row's version is
/// told as 0 until it is read.
/// </summary>
internal sealed partial class RoutedRows : DbCommandInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (eventData is { CommandSource: CommandSource.SaveChanges, Context: { } context } && command.CommandText.Contains("RETURNING xmin", StringComparison.Ordinal))
        {
            var routed = DistributedDatabase.TablesOf(context);
            command.CommandText = InsertedVersion().Replace(command.CommandText, insert => routed.Contains(insert.Groups["table"].Value) ? insert.Groups["before"].Value + "'0'::xid" : insert.Value);
        }
        return new(result);
    }

    [GeneratedRegex(@"(?<before>INSERT INTO (?<table>\w+) [^;]*RETURNING )xmin", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InsertedVersion();
}
