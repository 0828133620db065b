using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Jobs.Companies;

internal static class CompanyRoutes
{
    public static void MapCompanies(this IEndpointRouteBuilder app)
    {
        var companies = app.MapGroup("/api/v1/companies").WithTags("Companies");

        var open = companies.MapGroup("").AllowAnonymous();
        open.MapGet("/", ListCompanies.HandleAsync).WithName("ListCompanies").WithSummary("Companies by name; q finds parts of it and forgives typing errors");
        open.MapGet("/{id:guid}", GetCompany.HandleAsync).WithName("GetCompany").WithSummary("One company with its rating");
        open.MapGet("/{id:guid}/reviews", ListReviews.HandleAsync).WithName("ListReviews").WithSummary("What was said of a company, newest first");

        var employers = companies.MapGroup("").RequireRoles(Roles.Employer, Roles.Admin);
        employers.MapPost("/", RegisterCompany.HandleAsync).WithName("RegisterCompany").WithSummary("Register a company; it belongs to the caller");
        employers.MapPut("/{id:guid}", UpdateCompany.HandleAsync).WithName("UpdateCompany").WithSummary("Replace what a company of yours says of itself");

        companies.MapPost("/{id:guid}/reviews", ReviewCompany.HandleAsync).RequireSignedIn()
            .WithName("ReviewCompany").WithSummary("Rate a company, once per account");
    }
}
