using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Companies;

internal static class GetCompany
{
    public static async Task<Results<ApiOk<CompanyView>, ApiProblem>> HandleAsync(Guid id, JobsDbContext db, CancellationToken cancellationToken)
    {
        var company = await db.Companies.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id && c.WithdrawnAt == null, cancellationToken);
        return company is null ? NotFound() : Api.Ok(CompanyView.Of(company)).WithVersion(company.Version).Public();
    }

    internal static ApiProblem NotFound() => Api.NotFound(ErrorCodes.CompanyNotFound, "There is no such company.");

    internal static ApiProblem NotYours() => Api.Forbidden(ErrorCodes.NotCompanyOwner, "The company belongs to another account.");
}
