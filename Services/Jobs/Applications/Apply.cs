using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Jobs.Applications;

/// <summary>What a candidate sends.</summary>
public sealed record ApplyRequest
{
    /// <summary>An absolute http or https address, at most 2048 characters.</summary>
    [Required, HttpAddress]
    public string? ResumeUrl { get; init; }

    /// <summary>At most 10,000 characters.</summary>
    [Text(10_000, Lines = true)]
    public string? CoverLetter { get; init; }
}

internal static class Apply
{
    public static async Task<Results<ApiCreated<ApplicationView>, ApiProblem>> HandleAsync(
        Guid id, ApplyRequest request, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The share lock waits for a closing that is under way and keeps a later one out until this application is committed; candidates
        // do not wait for each other.
        var post = await db.Jobs.FromSql($"SELECT *, xmin FROM jobs WHERE id = {id} AND withdrawn_at IS NULL FOR SHARE")
            .Select(j => new { j.Status, j.Title, j.CompanyId, j.CompanyName }).SingleOrDefaultAsync(cancellationToken);
        if (post is null)
            return JobRoutes.NotFound();
        var employer = await db.Companies.Where(c => c.Id == post.CompanyId).Select(c => c.OwnerId).SingleAsync(cancellationToken);
        switch (Job.Refuses(post.Status, employer, user.UserId()))
        {
            case ApplyRefusal.Closed:
                return JobRoutes.Closed();
            case ApplyRefusal.OwnPost:
                return Api.Forbidden(ErrorCodes.OwnPost, "The job is at a company of your own.");
        }
        var application = new Application
        {
            Id = Guid.CreateVersion7(),
            JobId = id,
            CompanyId = post.CompanyId,
            UserId = user.UserId(),
            ResumeUrl = request.ResumeUrl!.Trim(),
            CoverLetter = PlainText.Clean(request.CoverLetter),
        };
        db.Applications.Add(application);
        db.Publish(new ApplicationSubmitted(application.Id, id, post.CompanyId, application.UserId, employer, post.Title));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var view = ApplicationView.Of(application, post.Title, post.CompanyName);
        return Api.Created($"/api/v1/applications/{application.Id}", view).WithVersion(application.Version);
    }
}
