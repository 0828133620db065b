using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

internal static class ListSavedJobs
{
    public static async Task<ApiPage<JobSummary>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        var saved = db.SavedJobs.Where(s => s.UserId == user.UserId())
            .Join(db.Jobs.Where(j => j.WithdrawnAt == null), s => s.JobId, j => j.Id, (s, j) => new { Saved = s, Job = j });
        var page = await saved.OrderByDescending(s => s.Saved.CreatedAt).ThenBy(s => s.Job.Id).Select(s => s.Job)
            .Skip(paging.Skip).Take(paging.Size).Select(JobSummary.Projection).ToListAsync(cancellationToken);
        return Api.Page(page, paging, await saved.LongCountAsync(cancellationToken));
    }
}

internal static class SaveJob
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, TimeProvider time, JobsDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Jobs.AnyAsync(j => j.Id == id && j.WithdrawnAt == null, cancellationToken))
            return JobRoutes.NotFound();
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO saved_jobs (user_id, job_id, created_at) VALUES ({user.UserId()}, {id}, {time.GetDatabaseNow()}) ON CONFLICT DO NOTHING",
            cancellationToken);
        return TypedResults.NoContent();
    }
}

internal static class ForgetJob
{
    public static async Task<NoContent> HandleAsync(Guid id, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await db.SavedJobs.Where(s => s.UserId == user.UserId() && s.JobId == id).ExecuteDeleteAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
