using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Posts;

internal static class PostJob
{
    public static async Task<Results<ApiCreated<JobView>, ApiProblem>> HandleAsync(
        PostJobRequest request, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Held until the post is there: a new name that the company takes meanwhile would pass it by.
        var company = await db.Companies.FromSql($"SELECT *, xmin FROM companies WHERE id = {request.CompanyId} FOR SHARE").AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);
        if (company is null)
            return GetCompany.NotFound();
        if (company.OwnerId != user.UserId())
            return GetCompany.NotYours();
        var job = new Job
        {
            Id = Guid.CreateVersion7(),
            CompanyId = company.Id,
            CompanyName = company.Name,
            Title = request.Title!,
            Description = request.Description!,
            Location = request.Location!,
            Type = request.Type!.Value,
        };
        request.ApplyTo(job);
        db.Jobs.Add(job);
        db.Publish(new PostCreated(job.Id, job.CompanyId, job.Title, company.OwnerId));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/jobs/{job.Id}", JobView.Of(job)).WithVersion(job.Version);
    }
}
