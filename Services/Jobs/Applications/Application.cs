using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Applications;

/// <summary>Where an application is.</summary>
public enum ApplicationStatus
{
    Pending,
    Reviewing,
    Accepted,
    Rejected,
    Withdrawn,
}

/// <summary>The two sides of an application.</summary>
public enum Side
{
    Candidate,
    Employer,
}

/// <summary>What came of an attempt to move an application.</summary>
public enum Move
{
    /// <summary>It is where it was sent.</summary>
    Made,

    /// <summary>It was there before.</summary>
    Unchanged,

    /// <summary>That is the other side's to decide.</summary>
    NotYours,

    /// <summary>There is no way from where it is.</summary>
    Impossible,
}

/// <summary>A candidate's application for a job.</summary>
public sealed class Application : ITimestamped
{
    public required Guid Id { get; init; }

    public required Guid JobId { get; init; }

    /// <summary>The job's company: an employer's rights hang on it.</summary>
    public required Guid CompanyId { get; init; }

    /// <summary>The candidate.</summary>
    public required Guid UserId { get; init; }

    public required string ResumeUrl { get; init; }

    public string? CoverLetter { get; init; }

    public ApplicationStatus Status { get; private set; }

    /// <summary>When the employer first opened it.</summary>
    public DateTime? ViewedAt { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>.</summary>
    public uint Version { get; init; }

    /// <summary>
    /// Moves along <c>pending → reviewing → accepted|rejected</c> for the employer; to <c>withdrawn</c>, from before a decision, for the candidate.
    /// </summary>
    public Move MoveTo(ApplicationStatus to, Side by)
    {
        if ((to == ApplicationStatus.Withdrawn) != (by == Side.Candidate))
            return Move.NotYours;
        if (to == Status)
            return Move.Unchanged;
        var possible = (Status, to) is
            (ApplicationStatus.Pending, ApplicationStatus.Reviewing)
            or (ApplicationStatus.Reviewing, ApplicationStatus.Accepted or ApplicationStatus.Rejected)
            or (ApplicationStatus.Pending or ApplicationStatus.Reviewing, ApplicationStatus.Withdrawn);
        if (!possible)
            return Move.Impossible;
        Status = to;
        return Move.Made;
    }

    /// <summary>Notes that the employer opened it.</summary>
    /// <returns>False when that was not the first time.</returns>
    public bool View(DateTime now)
    {
        if (ViewedAt is not null)
            return false;
        ViewedAt = now;
        return true;
    }
}
