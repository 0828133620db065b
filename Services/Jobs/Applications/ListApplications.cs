using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Applications;

internal static class ListMyApplications
{
    public static async Task<ApiPage<ApplicationView>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        var mine = db.Applications.AsNoTracking().Where(a => a.UserId == user.UserId());
        var newest = mine.OrderByDescending(a => a.CreatedAt).ThenByDescending(a => a.Id).Skip(paging.Skip).Take(paging.Size);
        var page = await ApplicationWithJob.Of(db, newest).OrderByDescending(r => r.Application.CreatedAt).ThenByDescending(r => r.Application.Id)
            .Select(ApplicationWithJob.Projection).ToListAsync(cancellationToken);
        return Api.Page(page, paging, await mine.LongCountAsync(cancellationToken));
    }
}

internal static class ListApplicationsOfJob
{
    public static async Task<Results<ApiPage<ApplicationView>, ApiProblem>> HandleAsync(
        Guid id, [AsParameters] Paging paging, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        // Who applied for a post that was taken down remains to be answered, so withdrawn posts count; another's post does not exist here.
        var own = await db.Jobs.Where(j => j.Id == id)
            .Join(db.Companies.Where(c => c.OwnerId == user.UserId()), j => j.CompanyId, c => c.Id, (j, c) => j.Id).AnyAsync(cancellationToken);
        if (!own)
            return JobRoutes.NotFound();
        var applications = db.Applications.AsNoTracking().Where(a => a.JobId == id);
        var oldest = applications.OrderBy(a => a.CreatedAt).ThenBy(a => a.Id).Skip(paging.Skip).Take(paging.Size);
        var page = await ApplicationWithJob.Of(db, oldest).OrderBy(r => r.Application.CreatedAt).ThenBy(r => r.Application.Id)
            .Select(ApplicationWithJob.Projection).ToListAsync(cancellationToken);
        return Api.Page(page, paging, await applications.LongCountAsync(cancellationToken));
    }
}
