using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Audit;

internal static class AuditRoutes
{
    // Some 100 ms: far from the gateway's patience.
    private const int _stretch = 10_000;

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/auth/audit").WithTags("Audit").RequireRoles(Roles.Admin);
        group.MapGet("", SearchAudit.HandleAsync).WithName("SearchAudit")
            .WithSummary("Who did what, when, from where, and what came of it, newest first; filtered by actor, target, act, outcome, time and the address typed in.");
        group.MapGet("/verification", VerifyAsync).WithName("VerifyAudit")
            .WithSummary("Recomputes the next 10,000 entries of the chain behind an entry and names the first that does not hold.");
    }

    private static async Task<ApiOk<AuditCheck>> VerifyAsync(
        AuditVerification verification, CancellationToken cancellationToken,
        [FromQuery, Range(0, long.MaxValue, ErrorMessage = "must not be negative")] long after = 0,
        [FromQuery, Range(1, long.MaxValue, ErrorMessage = "must be positive")] long? upTo = null) =>
        Api.Ok(await verification.CheckAsync(after, (int)Math.Clamp((upTo ?? long.MaxValue) - after, 1, _stretch), cancellationToken));
}
