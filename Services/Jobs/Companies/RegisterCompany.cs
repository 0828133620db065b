using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Companies;

internal static class RegisterCompany
{
    public static async Task<Results<ApiCreated<CompanyView>, ApiProblem>> HandleAsync(
        CompanyRequest request, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        var company = new Company { Id = Guid.CreateVersion7(), OwnerId = user.UserId(), Name = request.Name! };
        request.ApplyTo(company);
        db.Companies.Add(company);
        await db.SaveChangesAsync(cancellationToken);
        return Api.Created($"/api/v1/companies/{company.Id}", CompanyView.Of(company)).WithVersion(company.Version);
    }
}
