using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Companies;

/// <summary>An employer as candidates see it.</summary>
public sealed class Company : ITimestamped
{
    /// <summary>What stands for its name once it is withdrawn.</summary>
    public const string FormerName = "A former company";

    public required Guid Id { get; init; }

    /// <summary>The one account that may change the company, post for it and see who applied.</summary>
    public required Guid OwnerId { get; set; }

    /// <summary>Set for sample companies only, so that loading them twice finds the first ones.</summary>
    public string? Slug { get; init; }

    public required string Name { get; set; }

    public string? Website { get; set; }

    public string? Industry { get; set; }

    /// <summary>How many people work there; one of <see cref="Sizes"/>.</summary>
    public string? Size { get; set; }

    public string? Location { get; set; }

    /// <summary>Markdown.</summary>
    public string? Description { get; set; }

    /// <summary>Kept on the row, so that a review changes the company's <c>ETag</c> and a page of companies costs no aggregate.</summary>
    public int RatingCount { get; private set; }

    public int RatingSum { get; private set; }

    /// <summary>When its owner was forgotten; from then on nobody sees it, and only other people's applications hang on it.</summary>
    public DateTime? WithdrawnAt { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>PostgreSQL's <c>xmin</c>.</summary>
    public uint Version { get; init; }

    /// <summary>The values of <see cref="Size"/>.</summary>
    public static IReadOnlyList<string> Sizes { get; } = ["1-10", "11-50", "51-200", "201-1000", "1000+"];

    /// <summary>Takes a rating of 1..5 into the average.</summary>
    public void Rate(int rating)
    {
        RatingCount++;
        RatingSum += rating;
    }

    /// <summary>Forgets everything that its owner wrote, and the owner.</summary>
    public void Withdraw(DateTime now)
    {
        WithdrawnAt ??= now;
        OwnerId = SystemAccount.Id;
        Name = FormerName;
        Website = Industry = Size = Location = Description = null;
    }

    /// <summary>The mean of all ratings, 1..5 with two decimals; null while there is none.</summary>
    public static decimal? AverageOf(int count, int sum) => count == 0 ? null : Math.Round((decimal)sum / count, 2, MidpointRounding.AwayFromZero);
}

/// <summary>What somebody says of a company; one per account and company.</summary>
public sealed class Review : ITimestamped
{
    public required Guid Id { get; init; }

    public required Guid CompanyId { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>1..5, 5 is best.</summary>
    public required int Rating { get; init; }

    public required string Text { get; init; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }
}
