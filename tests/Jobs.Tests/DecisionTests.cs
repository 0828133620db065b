using TalentSphere.Jobs.Applications;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Posts;

namespace TalentSphere.Jobs.Tests;

/// <summary>The decisions, without a server.</summary>
public sealed class DecisionTests
{
    private static readonly DateTime _now = new(2026, 5, 4, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>Every pair of statuses for both sides.</summary>
    public static TheoryData<ApplicationStatus, ApplicationStatus, Side> Moves
    {
        get
        {
            var moves = new TheoryData<ApplicationStatus, ApplicationStatus, Side>();
            foreach (var from in Enum.GetValues<ApplicationStatus>())
            {
                foreach (var to in Enum.GetValues<ApplicationStatus>())
                {
                    moves.Add(from, to, Side.Candidate);
                    moves.Add(from, to, Side.Employer);
                }
            }
            return moves;
        }
    }

    [Theory]
    [MemberData(nameof(Moves))]
    public void An_application_moves_along_the_pipeline_and_nowhere_else(ApplicationStatus from, ApplicationStatus to, Side by)
    {
        var application = In(from);

        var move = application.MoveTo(to, by);

        var possible = (from, to, by) switch
        {
            (ApplicationStatus.Pending, ApplicationStatus.Reviewing, Side.Employer) => true,
            (ApplicationStatus.Reviewing, ApplicationStatus.Accepted, Side.Employer) => true,
            (ApplicationStatus.Reviewing, ApplicationStatus.Rejected, Side.Employer) => true,
            (ApplicationStatus.Pending, ApplicationStatus.Withdrawn, Side.Candidate) => true,
            (ApplicationStatus.Reviewing, ApplicationStatus.Withdrawn, Side.Candidate) => true,
            _ => false,
        };
        var theirs = to == ApplicationStatus.Withdrawn == (by == Side.Candidate);
        move.ShouldBe(!theirs ? Move.NotYours : possible ? Move.Made : from == to ? Move.Unchanged : Move.Impossible);
        application.Status.ShouldBe(possible ? to : from);
    }

    [Fact]
    public void An_application_is_viewed_for_the_first_time_once()
    {
        var application = In(ApplicationStatus.Pending);

        application.View(_now).ShouldBeTrue();
        application.View(_now.AddDays(1)).ShouldBeFalse();
        application.ViewedAt.ShouldBe(_now);
    }

    [Fact]
    public void A_closed_job_takes_no_application()
    {
        var (employer, candidate) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        Job.Refuses(JobStatus.Open, employer, candidate).ShouldBeNull();
        Job.Refuses(JobStatus.Closed, employer, candidate).ShouldBe(ApplyRefusal.Closed);
        Job.Refuses(JobStatus.Open, employer, employer).ShouldBe(ApplyRefusal.OwnPost);
    }

    [Fact]
    public void A_job_closes_once()
    {
        var job = AJob();

        job.Close(_now).ShouldBeTrue();
        job.Close(_now.AddDays(1)).ShouldBeFalse();
        job.ClosedAt.ShouldBe(_now);
    }

    [Fact]
    public void Taking_a_post_down_closes_it()
    {
        var open = AJob();
        var closed = AJob();
        closed.Close(_now);

        open.Withdraw(_now).ShouldBeTrue();
        closed.Withdraw(_now.AddDays(1)).ShouldBeFalse();

        open.Status.ShouldBe(JobStatus.Closed);
        closed.ClosedAt.ShouldBe(_now);
        closed.WithdrawnAt.ShouldBe(_now.AddDays(1));
    }

    [Fact]
    public void A_rating_is_the_mean_of_all_reviews_with_two_decimals()
    {
        var company = new Company { Id = Guid.CreateVersion7(), OwnerId = Guid.CreateVersion7(), Name = "C" };

        Company.AverageOf(company.RatingCount, company.RatingSum).ShouldBeNull();
        foreach (var rating in (int[])[5, 4, 4])
            company.Rate(rating);
        Company.AverageOf(company.RatingCount, company.RatingSum).ShouldBe(4.33m);
    }

    private static Job AJob() => new()
    {
        Id = Guid.CreateVersion7(),
        CompanyId = Guid.CreateVersion7(),
        CompanyName = "C",
        Title = "T",
        Description = "D",
        Location = "L",
        Type = JobType.Contract,
    };

    private static Application In(ApplicationStatus status)
    {
        var application = new Application
        {
            Id = Guid.CreateVersion7(),
            JobId = Guid.CreateVersion7(),
            CompanyId = Guid.CreateVersion7(),
            UserId = Guid.CreateVersion7(),
            ResumeUrl = "https://files.example/resume.pdf",
        };
        if (status is not ApplicationStatus.Pending and not ApplicationStatus.Withdrawn)
            application.MoveTo(ApplicationStatus.Reviewing, Side.Employer);
        application.MoveTo(status, status == ApplicationStatus.Withdrawn ? Side.Candidate : Side.Employer);
        application.Status.ShouldBe(status);
        return application;
    }
}
