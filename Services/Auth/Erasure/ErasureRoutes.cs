using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Erasure;

internal static class ErasureRoutes
{
    public static void MapErasure(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth").WithTags("Erasure").RequireSignedIn();
        own.MapDelete("/me", EraseOwnAccount.HandleAsync).WithName("EraseOwnAccount")
            .WithSummary("Deletes the signed-in account, confirmed by its password, and what every service holds of it; the answer says where to see how that goes.");

        // The case id is the key to it: the account it belonged to cannot sign in any more.
        var receipts = routes.MapGroup("/api/v1/auth/erasures").WithTags("Erasure").AllowAnonymous();
        receipts.MapGet("/{caseId:length(43)}", ReadReceipt.HandleAsync).WithName("ReadErasureReceipt")
            .WithSummary("How the erasure of an account goes: which service has erased what it held, and when.");
    }
}
