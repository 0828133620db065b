using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Posts;

internal static class UpdateJob
{
    public static async Task<Results<ApiOk<JobView>, ApiProblem>> HandleAsync(
        Guid id, JobRequest request, HttpRequest http, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (job, refusal) = await OwnJob.LockAsync(db, id, user, http, cancellationToken);
        if (refusal is not null)
            return refusal;
        if (job!.Status == JobStatus.Closed)
            return JobRoutes.Closed();
        request.ApplyTo(job);
        // The same text once more is no news.
        if (db.Entry(job).State == EntityState.Modified)
            db.Publish(new PostUpdated(job.Id, job.CompanyId, job.Title, user.UserId()));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(JobView.Of(job)).WithVersion(job.Version);
    }
}
