using TalentSphere.Auth.ApiKeys;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SystemKeys;

internal static class SystemKeyRoutes
{
    public static void MapSystemKeys(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1/auth/system-keys").WithTags("Systems' keys").RequireRoles(Roles.Admin);
        all.MapGet("", ManageSystemKeys.ListAsync).WithName("ListSystemKeys").WithSummary("The keys with which other systems sign, newest first; no secret.");
        all.MapPost("", ManageSystemKeys.CreateAsync).WithName("CreateSystemKey").WithSummary("Makes a key for a system; its secret is shown this once.");
        all.MapPost("/{id:guid}/rotate", ManageSystemKeys.RotateAsync).WithName("RotateSystemKey")
            .WithSummary("Gives a key a new secret; the old one stays good for the overlap asked for.");
        all.MapDelete("/{id:guid}", ManageSystemKeys.RevokeAsync).WithName("RevokeSystemKey").WithSummary("Ends a key, and the access tokens it was exchanged for.");
        routes.MapPost("/api/v1/auth/token/signed", ExchangeSignature.HandleAsync).WithTags("Systems' keys").AllowAnonymous().WithName("ExchangeSignature")
            .WithSummary("An access token for a request that a system signed (RFC 9421, hmac-sha256).");
    }
}
