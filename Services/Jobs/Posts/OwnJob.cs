using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

/// <summary>A post that its owner is about to change, locked until the transaction ends; or why it may not be.</summary>
internal readonly record struct OwnJob(Job? Job, ApiProblem? Refusal)
{
    /// <summary>Locks the post. Whether it belongs to the caller is no secret: everybody can read posts and who is behind them.</summary>
    public static async Task<OwnJob> LockAsync(JobsDbContext db, Guid id, ClaimsPrincipal user, HttpRequest http, CancellationToken cancellationToken)
    {
        var job = await db.LockJobAsync(id, cancellationToken);
        if (job is null)
            return new(null, JobRoutes.NotFound());
        if (!await db.Companies.AnyAsync(c => c.Id == job.CompanyId && c.OwnerId == user.UserId(), cancellationToken))
            return new(null, GetCompany.NotYours());
        return new(job, EntityTag.IfMatchFails(http, job.Version));
    }
}
