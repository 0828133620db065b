using System.Linq.Expressions;

namespace TalentSphere.Jobs.Posts;

/// <summary>A salary range.</summary>
/// <param name="Min">Whole units a year.</param>
/// <param name="Max">Whole units a year, not below <paramref name="Min"/>.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record SalaryView(int Min, int Max, string Currency);

/// <summary>A job post in full.</summary>
/// <param name="Id">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="CompanyName">Its name.</param>
/// <param name="Title">The job's title.</param>
/// <param name="Description">Markdown.</param>
/// <param name="Requirements">What candidates bring.</param>
/// <param name="Location">Where the work is done.</param>
/// <param name="Salary">Null when the post does not tell.</param>
/// <param name="Type">How the job is held.</param>
/// <param name="Status">Whether it takes applications.</param>
/// <param name="Tags">Lower case.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
/// <param name="ClosedAt">UTC; null while open.</param>
public sealed record JobView(
    Guid Id, Guid CompanyId, string CompanyName, string Title, string Description, IReadOnlyList<string> Requirements, string Location, SalaryView? Salary,
    JobType Type, JobStatus Status, IReadOnlyList<string> Tags, DateTime CreatedAt, DateTime UpdatedAt, DateTime? ClosedAt)
{
    internal static JobView Of(Job job) => new(
        job.Id, job.CompanyId, job.CompanyName, job.Title, job.Description, job.Requirements, job.Location,
        job is { SalaryMin: { } min, SalaryMax: { } max, Currency: { } currency } ? new SalaryView(min, max, currency) : null,
        job.Type, job.Status, job.Tags, job.CreatedAt, job.UpdatedAt, job.ClosedAt);
}

/// <summary>A job post in a list.</summary>
/// <param name="Id">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="CompanyName">Its name.</param>
/// <param name="Title">The job's title.</param>
/// <param name="Location">Where the work is done.</param>
/// <param name="Salary">Null when the post does not tell.</param>
/// <param name="Type">How the job is held.</param>
/// <param name="Status">Whether it takes applications.</param>
/// <param name="Tags">Lower case.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record JobSummary(
    Guid Id, Guid CompanyId, string CompanyName, string Title, string Location, SalaryView? Salary, JobType Type, JobStatus Status, IReadOnlyList<string> Tags,
    DateTime CreatedAt)
{
    internal static Expression<Func<Job, JobSummary>> Projection { get; } = j => new JobSummary(
        j.Id, j.CompanyId, j.CompanyName, j.Title, j.Location,
        j.SalaryMin == null ? null : new SalaryView(j.SalaryMin.Value, j.SalaryMax!.Value, j.Currency!),
        j.Type, j.Status, j.Tags, j.CreatedAt);
}
