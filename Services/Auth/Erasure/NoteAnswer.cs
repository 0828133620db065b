using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Erasure;

/// <summary>Notes that a service has forgotten somebody, and closes the case with the last one's answer. In any order, and as often as it comes.</summary>
internal sealed class NoteAnswer<TAnswer>(AuthDbContext db, TimeProvider time, ILogger<ErasureCase> logger) : IConsumer<TAnswer>
    where TAnswer : class, IUserErased
{
    public async Task Consume(ConsumeContext<TAnswer> context)
    {
        var (answer, cancellationToken) = (context.Message, context.CancellationToken);
        var service = Topology.Of<TAnswer>().Domain;
        var erasure = await db.ErasureCases.FromSql($"SELECT * FROM erasure_cases WHERE user_id = {answer.UserId} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (erasure is null)
        {
            ErasureLog.Unasked(logger, service, answer.UserId);
            return;
        }
        await db.Entry(erasure).Collection(e => e.Answers).LoadAsync(cancellationToken);
        var closed = erasure.Note(service, answer.Records, time.GetDatabaseNow());
        await db.SaveChangesAsync(cancellationToken);
        if (closed)
            ErasureLog.Closed(logger, erasure.UserId, string.Join(", ", erasure.Answers.Select(a => a.Service).Order(StringComparer.Ordinal)));
    }
}

internal static partial class ErasureLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Account {UserId} is erased everywhere: {Services}")]
    public static partial void Closed(ILogger logger, Guid userId, string services);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} says that it has erased {UserId}, whom nobody asked it to erase")]
    public static partial void Unasked(ILogger logger, string service, Guid userId);
}
