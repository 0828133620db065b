using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Companies;

internal static class ListCompanies
{
    public static async Task<Results<ApiPage<CompanyView>, ApiProblem>> HandleAsync(
        string? q, [AsParameters] Paging paging, JobsDbContext db, CancellationToken cancellationToken)
    {
        if (q?.Length > SearchTerms.MaxLength)
            return Api.Invalid("q", $"must be at most {SearchTerms.MaxLength} characters long");
        var companies = db.Companies.AsNoTracking().Where(c => c.WithdrawnAt == null);
        var ordered = companies.OrderBy(c => c.Name).ThenBy(c => c.Id);
        if (SearchTerms.Readable(q) is { } name)
        {
            var pattern = Like.Contains(name);
            companies = companies.Where(c => EF.Functions.ILike(c.Name, pattern, Like.Escape) || EF.Functions.TrigramsAreWordSimilar(name, c.Name));
            ordered = companies.OrderByDescending(c => EF.Functions.TrigramsWordSimilarity(name, c.Name)).ThenBy(c => c.Name).ThenBy(c => c.Id);
        }
        var total = await companies.LongCountAsync(cancellationToken);
        var page = await ordered.Skip(paging.Skip).Take(paging.Size).Select(CompanyView.Projection).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total).Public();
    }
}
