using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Posts;

internal static class CloseJob
{
    public static async Task<Results<ApiOk<JobView>, ApiProblem>> HandleAsync(
        Guid id, HttpRequest http, ClaimsPrincipal user, TimeProvider time, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (job, refusal) = await OwnJob.LockAsync(db, id, user, http, cancellationToken);
        if (refusal is not null)
            return refusal;
        if (job!.Close(time.GetDatabaseNow()))
            db.Publish(new PostClosed(job.Id, job.CompanyId, job.Title, user.UserId()));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(JobView.Of(job)).WithVersion(job.Version);
    }
}

internal static class WithdrawJob
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid id, HttpRequest http, ClaimsPrincipal user, TimeProvider time, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (job, refusal) = await OwnJob.LockAsync(db, id, user, http, cancellationToken);
        if (refusal is not null)
            return refusal;
        if (job!.Withdraw(time.GetDatabaseNow()))
            db.Publish(new PostClosed(job.Id, job.CompanyId, job.Title, user.UserId()));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
