using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Jobs.Companies;

/// <summary>A rating with the reasons for it.</summary>
public sealed record ReviewRequest
{
    /// <summary>1..5, 5 is best.</summary>
    [Required, Range(1, 5)]
    public int? Rating { get; init; }

    /// <summary>1..5,000 characters.</summary>
    [Required, Text(5_000, Lines = true)]
    public string? Text { get; init; }
}

internal static class ReviewCompany
{
    public static async Task<Results<ApiCreated<ReviewView>, ApiProblem>> HandleAsync(
        Guid id, ReviewRequest request, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Reviews of one company pass one after the other: each counts once in the average.
        var company = await db.LockCompanyAsync(id, cancellationToken);
        if (company is null)
            return GetCompany.NotFound();
        if (company.OwnerId == user.UserId())
            return Api.Forbidden(ErrorCodes.OwnCompany, "A company is not reviewed by its owner.");
        var review = new Review
        {
            Id = Guid.CreateVersion7(),
            CompanyId = id,
            UserId = user.UserId(),
            Rating = request.Rating!.Value,
            Text = request.Text!.Trim(),
        };
        db.Reviews.Add(review);
        company.Rate(review.Rating);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/companies/{id}/reviews", new ReviewView(review.Id, id, review.Rating, review.Text, review.CreatedAt));
    }
}

internal static class ListReviews
{
    public static async Task<Results<ApiPage<ReviewView>, ApiProblem>> HandleAsync(
        Guid id, [AsParameters] Paging paging, JobsDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Companies.AnyAsync(c => c.Id == id && c.WithdrawnAt == null, cancellationToken))
            return GetCompany.NotFound();
        var reviews = db.Reviews.AsNoTracking().Where(r => r.CompanyId == id);
        var page = await reviews.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(r => new ReviewView(r.Id, r.CompanyId, r.Rating, r.Text, r.CreatedAt)).ToListAsync(cancellationToken);
        return Api.Page(page, paging, await reviews.LongCountAsync(cancellationToken)).Public();
    }
}
