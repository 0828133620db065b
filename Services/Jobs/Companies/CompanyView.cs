using System.Linq.Expressions;

namespace TalentSphere.Jobs.Companies;

/// <summary>A company as everybody sees it.</summary>
/// <param name="Id">The company.</param>
/// <param name="Name">Its name.</param>
/// <param name="Website">An absolute http or https address.</param>
/// <param name="Industry">In its own words.</param>
/// <param name="Size">People: <c>1-10</c>, <c>11-50</c>, <c>51-200</c>, <c>201-1000</c> or <c>1000+</c>.</param>
/// <param name="Location">Where it sits.</param>
/// <param name="Description">Markdown.</param>
/// <param name="Rating">What reviewers think.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record CompanyView(
    Guid Id, string Name, string? Website, string? Industry, string? Size, string? Location, string? Description, RatingView Rating,
    DateTime CreatedAt, DateTime UpdatedAt)
{
    internal static Expression<Func<Company, CompanyView>> Projection { get; } = c => new CompanyView(
        c.Id, c.Name, c.Website, c.Industry, c.Size, c.Location, c.Description,
        new RatingView(Company.AverageOf(c.RatingCount, c.RatingSum), c.RatingCount), c.CreatedAt, c.UpdatedAt);

    internal static CompanyView Of(Company company) => _of(company);

    private static readonly Func<Company, CompanyView> _of = Projection.Compile();
}

/// <summary>What reviewers think of a company.</summary>
/// <param name="Average">1..5 with two decimals; null without reviews.</param>
/// <param name="Count">How many reviews there are.</param>
public sealed record RatingView(decimal? Average, int Count);

/// <summary>One review; who wrote it stays with us.</summary>
/// <param name="Id">The review.</param>
/// <param name="CompanyId">The company.</param>
/// <param name="Rating">1..5, 5 is best.</param>
/// <param name="Text">What was written.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record ReviewView(Guid Id, Guid CompanyId, int Rating, string Text, DateTime CreatedAt);
