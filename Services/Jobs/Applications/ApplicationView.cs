using System.Linq.Expressions;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;

namespace TalentSphere.Jobs.Applications;

/// <summary>An application, the same for both sides.</summary>
/// <param name="Id">The application.</param>
/// <param name="JobId">The job.</param>
/// <param name="JobTitle">The job's title.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="CompanyName">Its name.</param>
/// <param name="UserId">The candidate.</param>
/// <param name="Status">Where it is.</param>
/// <param name="ResumeUrl">The candidate's résumé.</param>
/// <param name="CoverLetter">What the candidate wrote.</param>
/// <param name="ViewedAt">When the employer first opened it, UTC.</param>
/// <param name="AppliedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record ApplicationView(
    Guid Id, Guid JobId, string JobTitle, Guid CompanyId, string CompanyName, Guid UserId, ApplicationStatus Status, string ResumeUrl, string? CoverLetter,
    DateTime? ViewedAt, DateTime AppliedAt, DateTime UpdatedAt)
{
    internal static ApplicationView Of(Application application, string jobTitle, string companyName) => new(
        application.Id, application.JobId, jobTitle, application.CompanyId, companyName, application.UserId, application.Status, application.ResumeUrl,
        application.CoverLetter, application.ViewedAt, application.CreatedAt, application.UpdatedAt);
}

/// <summary>An application beside its job, as lists join them.</summary>
internal sealed class ApplicationWithJob
{
    public required Application Application { get; init; }

    public required Job Job { get; init; }

    public static Expression<Func<ApplicationWithJob, ApplicationView>> Projection { get; } = row => new ApplicationView(
        row.Application.Id, row.Application.JobId, row.Job.Title, row.Application.CompanyId, row.Job.CompanyName, row.Application.UserId,
        row.Application.Status, row.Application.ResumeUrl, row.Application.CoverLetter, row.Application.ViewedAt,
        row.Application.CreatedAt, row.Application.UpdatedAt);

    /// <summary>A withdrawn post still names the job of an application.</summary>
    public static IQueryable<ApplicationWithJob> Of(JobsDbContext db, IQueryable<Application> applications) =>
        applications.Join(db.Jobs, a => a.JobId, j => j.Id, (a, j) => new ApplicationWithJob { Application = a, Job = j });
}
