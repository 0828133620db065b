using Npgsql;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Reads the events that a service keeps, page by page in the order of their ids.</summary>
/// <remarks>
/// Not in the order of their sequence, for which there is no index once they are published: whoever rebuilds from them knows from its own inbox in which order
/// they arrived. Events that are not published yet are among them, because one may arrive before its publisher has noted that it is out.
/// </remarks>
internal sealed class OutboxArchive(NpgsqlDataSource database)
{
    /// <summary>The most events of a page.</summary>
    public const int MaxEvents = 1000;

    // Below the largest request body, so that a page can be handed on as it is; a larger one holds a single event.
    private const int _pageBytes = 768 * 1024;

    /// <summary>The next events, as bytes, after the one given.</summary>
    public async Task<IReadOnlyList<(Guid Id, byte[] Envelope)>> ReadAsync(Guid after, string[] keys, DateTime until, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT id, envelope FROM outbox_messages WHERE id > $1 AND event_type = ANY($2) AND created_at <= $3 ORDER BY id, created_at LIMIT $4
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = keys });
        command.Parameters.Add(new() { Value = until });
        command.Parameters.Add(new() { Value = limit });
        var page = new List<(Guid, byte[])>();
        var bytes = 0;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var envelope = row.GetFieldValue<byte[]>(1);
            if (page.Count > 0 && bytes + envelope.Length > _pageBytes)
                break;
            page.Add((row.GetGuid(0), envelope));
            bytes += envelope.Length + 1;
        }
        return page;
    }
}
