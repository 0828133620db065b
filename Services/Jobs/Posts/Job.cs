using TalentSphere.Jobs.Companies;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Posts;

/// <summary>How a job is held.</summary>
public enum JobType
{
    FullTime,
    PartTime,
    Contract,
}

/// <summary>Whether a job takes applications.</summary>
public enum JobStatus
{
    Open,
    Closed,
}

/// <summary>Why somebody cannot apply for a job.</summary>
public enum ApplyRefusal
{
    /// <summary>It takes no more applications.</summary>
    Closed,

    /// <summary>It is the caller's own.</summary>
    OwnPost,
}

/// <summary>A job post.</summary>
public sealed class Job : ITimestamped
{
    /// <summary>What stands for its title once its author was forgotten.</summary>
    public const string FormerTitle = "A former post";

    public required Guid Id { get; init; }

    public required Guid CompanyId { get; init; }

    /// <summary>The company's name at any time: it is searched with the post, and a new name is a new version of every post.</summary>
    public required string CompanyName { get; set; }

    /// <summary>Set for sample posts only, so that loading them twice finds the first ones.</summary>
    public string? Slug { get; init; }

    public required string Title { get; set; }

    /// <summary>Markdown.</summary>
    public required string Description { get; set; }

    public List<string> Requirements { get; set; } = [];

    public required string Location { get; set; }

    /// <summary>Whole units of <see cref="Currency"/> a year; null, as are the other two, when the post does not tell.</summary>
    public int? SalaryMin { get; set; }

    public int? SalaryMax { get; set; }

    /// <summary>ISO 4217.</summary>
    public string? Currency { get; set; }

    public required JobType Type { get; set; }

    public JobStatus Status { get; private set; }

    /// <summary>Lower case, each once.</summary>
    public List<string> Tags { get; set; } = [];

    public DateTime? ClosedAt { get; private set; }

    /// <summary>When the company took the post down; from then on only its applications are left.</summary>
    public DateTime? WithdrawnAt { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>.</summary>
    public uint Version { get; init; }

    /// <summary>Ends the time for applications.</summary>
    /// <returns>False when it had ended before.</returns>
    public bool Close(DateTime now)
    {
        if (Status == JobStatus.Closed)
            return false;
        Status = JobStatus.Closed;
        ClosedAt = now;
        return true;
    }

    /// <summary>Takes the post down for good, which closes it.</summary>
    /// <returns>Whether it was open until now.</returns>
    public bool Withdraw(DateTime now)
    {
        WithdrawnAt ??= now;
        return Close(now);
    }

    /// <summary>Takes the post down and forgets everything that its author wrote; who applied keeps the application.</summary>
    /// <returns>Whether it was open until now.</returns>
    public bool Forget(DateTime now)
    {
        (CompanyName, Title, Description, Location) = (Company.FormerName, FormerTitle, "", "");
        (Requirements, Tags) = ([], []);
        (SalaryMin, SalaryMax, Currency) = (null, null, null);
        return Withdraw(now);
    }

    /// <summary>Whether <paramref name="candidate"/> may apply for a job of <paramref name="status"/> that <paramref name="employer"/> answers for.</summary>
    public static ApplyRefusal? Refuses(JobStatus status, Guid employer, Guid candidate) =>
        employer == candidate ? ApplyRefusal.OwnPost : status == JobStatus.Closed ? ApplyRefusal.Closed : null;
}

/// <summary>A job that somebody keeps in mind.</summary>
public sealed class SavedJob
{
    public required Guid UserId { get; init; }

    public required Guid JobId { get; init; }

    public DateTime CreatedAt { get; init; }
}
