using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Flags;

internal static class PutFlag
{
    public static async Task<Results<ApiOk<FlagView>, ApiCreated<FlagView>, ApiProblem>> HandleAsync(
        string key, FlagRequest request, HttpRequest http, ClaimsPrincipal user, GatewayDbContext db, FlagStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ChangeFeed.TakeTurnAsync(db, cancellationToken);
        var row = FlagValidation.IsName(key) ? await db.Flags.SingleOrDefaultAsync(f => f.Key == key, cancellationToken) : null;
        if (EntityTag.IfMatchFails(http, row?.Version ?? 0) is { } stale)
            return stale;
        var before = row?.Definition;
        var (flag, faults) = FlagValidation.Read(key, request, row?.Read());
        if (flag is null)
            return Api.Invalid([.. faults]);
        var definition = StoredFlag.Write(flag);
        if (row is null)
            db.Flags.Add(row = new() { Key = key, Definition = definition });
        else
            row.Definition = definition;
        db.FlagChanges.Add(new() { Id = Guid.CreateVersion7(), Key = key, At = time.GetDatabaseNow(), Actor = user.UserId(), Before = before, After = definition });
        await db.SaveChangesAsync(cancellationToken);
        await ChangeFeed.AnnounceAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await store.RefreshAsync(cancellationToken);
        return before is null
            ? Api.Created($"/api/v1/admin/gateway/flags/{key}", FlagView.Of(row)).WithVersion(row.Version)
            : Api.Ok(FlagView.Of(row)).WithVersion(row.Version);
    }
}

internal static class DeleteFlag
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        string key, HttpRequest http, ClaimsPrincipal user, GatewayDbContext db, FlagStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ChangeFeed.TakeTurnAsync(db, cancellationToken);
        if (!FlagValidation.IsName(key) || await db.Flags.SingleOrDefaultAsync(f => f.Key == key, cancellationToken) is not { } row)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, row.Version) is { } stale)
            return stale;
        db.Flags.Remove(row);
        db.FlagChanges.Add(new() { Id = Guid.CreateVersion7(), Key = key, At = time.GetDatabaseNow(), Actor = user.UserId(), Before = row.Definition });
        await db.SaveChangesAsync(cancellationToken);
        await ChangeFeed.AnnounceAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await store.RefreshAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
