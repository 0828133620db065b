using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Companies;

internal static class UpdateCompany
{
    public static async Task<Results<ApiOk<CompanyView>, ApiProblem>> HandleAsync(
        Guid id, CompanyRequest request, HttpRequest http, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Locked, so that a review at the same moment is waited for rather than reported as somebody else's change.
        var company = await db.LockCompanyAsync(id, cancellationToken);
        if (company is null)
            return GetCompany.NotFound();
        if (company.OwnerId != user.UserId())
            return GetCompany.NotYours();
        if (EntityTag.IfMatchFails(http, company.Version) is { } stale)
            return stale;
        var name = company.Name;
        request.ApplyTo(company);
        await db.SaveChangesAsync(cancellationToken);
        if (name != company.Name)
            await db.Jobs.Where(j => j.CompanyId == id).ExecuteUpdateAsync(j => j.SetProperty(p => p.CompanyName, company.Name), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(CompanyView.Of(company)).WithVersion(company.Version);
    }
}
