using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Erasure;

/// <summary>Whether a case is closed.</summary>
public enum ErasureStatus
{
    /// <summary>Somebody has not answered yet; they are waited for.</summary>
    Open,

    /// <summary>Every service has erased what it held.</summary>
    Closed,
}

/// <summary>How an erasure goes. It names services, not people.</summary>
/// <param name="Status">Whether every service has answered.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="ClosedAt">UTC.</param>
/// <param name="Services">Every service that has to answer, by name.</param>
public sealed record ErasureReceipt(ErasureStatus Status, DateTime OpenedAt, DateTime? ClosedAt, IReadOnlyList<ServiceReceipt> Services);

/// <summary>One service's part.</summary>
/// <param name="Service">Its name.</param>
/// <param name="ErasedAt">When its answer arrived, UTC; null while it is waited for.</param>
/// <param name="Records">How many rows it erased or made anonymous.</param>
public sealed record ServiceReceipt(string Service, DateTime? ErasedAt, int? Records);

internal static class ReadReceipt
{
    public static async Task<Results<ApiOk<ErasureReceipt>, ApiProblem>> HandleAsync(string caseId, AuthDbContext db, CancellationToken cancellationToken)
    {
        var hash = Receipts.Hash(caseId);
        var erasure = await db.ErasureCases.AsNoTracking().Include(e => e.Answers).SingleOrDefaultAsync(e => e.ReceiptHash == hash, cancellationToken);
        if (erasure is null)
            return Api.NotFound();
        return Api.Ok(new ErasureReceipt(
            erasure.ClosedAt is null ? ErasureStatus.Open : ErasureStatus.Closed,
            erasure.OpenedAt,
            erasure.ClosedAt,
            [.. erasure.Answers.OrderBy(a => a.Service, StringComparer.Ordinal).Select(a => new ServiceReceipt(a.Service, a.ErasedAt, a.Records))]));
    }
}
