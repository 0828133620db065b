namespace TalentSphere.Contracts.Jobs;

/// <summary>A job post was opened.</summary>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="Title">The job's title.</param>
/// <param name="EmployerId">The account that owns the company; null in events from before this was told.</param>
[Topic("jobs.post.created", nameof(JobId))]
public sealed record PostCreated(
    Guid JobId, Guid CompanyId, [property: PersonalData(nameof(PostCreated.EmployerId))] string Title, Guid? EmployerId = null);

/// <summary>A job post was changed.</summary>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="Title">The job's title after the change.</param>
/// <param name="EmployerId">The account that owns the company; null in events from before this was told.</param>
[Topic("jobs.post.updated", nameof(JobId))]
public sealed record PostUpdated(
    Guid JobId, Guid CompanyId, [property: PersonalData(nameof(PostUpdated.EmployerId))] string Title, Guid? EmployerId = null);

/// <summary>A job post takes no more applications.</summary>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="Title">The job's title.</param>
/// <param name="EmployerId">The account that owns the company; null in events from before this was told.</param>
[Topic("jobs.post.closed", nameof(JobId))]
public sealed record PostClosed(
    Guid JobId, Guid CompanyId, [property: PersonalData(nameof(PostClosed.EmployerId))] string Title, Guid? EmployerId = null);

/// <summary>A candidate applied for a job.</summary>
/// <param name="ApplicationId">The application.</param>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="UserId">The candidate.</param>
/// <param name="EmployerId">The account that owns the company and is to hear of it.</param>
/// <param name="JobTitle">The job's title at that time.</param>
[Topic("jobs.application.submitted", nameof(ApplicationId))]
public sealed record ApplicationSubmitted(
    Guid ApplicationId, Guid JobId, Guid CompanyId, Guid UserId, Guid EmployerId,
    [property: PersonalData(nameof(ApplicationSubmitted.EmployerId))] string JobTitle);

/// <summary>An application was opened by its company for the first time.</summary>
/// <param name="ApplicationId">The application.</param>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="UserId">The candidate.</param>
/// <param name="JobTitle">The job's title at that time.</param>
/// <param name="EmployerId">The account that owns the company; null in events from before this was told.</param>
[Topic("jobs.application.viewed", nameof(ApplicationId))]
public sealed record ApplicationViewed(
    Guid ApplicationId, Guid JobId, Guid CompanyId, Guid UserId,
    [property: PersonalData(nameof(ApplicationViewed.EmployerId))] string JobTitle, Guid? EmployerId = null);

/// <summary>An application moved: <c>pending</c>, <c>reviewing</c>, <c>accepted</c>, <c>rejected</c> or <c>withdrawn</c>.</summary>
/// <param name="ApplicationId">The application.</param>
/// <param name="JobId">The job.</param>
/// <param name="CompanyId">The company that posted it.</param>
/// <param name="UserId">The candidate.</param>
/// <param name="EmployerId">The account that owns the company.</param>
/// <param name="JobTitle">The job's title at that time.</param>
/// <param name="From">The status before.</param>
/// <param name="To">The status after.</param>
[Topic("jobs.application.statuschanged", nameof(ApplicationId))]
public sealed record ApplicationStatusChanged(
    Guid ApplicationId, Guid JobId, Guid CompanyId, Guid UserId, Guid EmployerId,
    [property: PersonalData(nameof(ApplicationStatusChanged.EmployerId))] string JobTitle, string From, string To);
