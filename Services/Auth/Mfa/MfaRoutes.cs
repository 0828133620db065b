using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Mfa;

internal static class MfaRoutes
{
    public static void MapMfa(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth").WithTags("Two-step sign-in").RequireSignedIn();
        own.MapPost("/reauthenticate", Reauthenticate.HandleAsync).WithName("Reauthenticate")
            .WithSummary("Proves once more who is signed in, for what needs a recent sign-in (401 AUTH_REAUTHENTICATE).");
        own.MapPost("/mfa/enroll", ManageMfa.EnrollAsync).WithName("EnrollMfa").WithSummary("A secret for an authenticator (TOTP, RFC 6238); nothing changes before it is confirmed.");
        own.MapPost("/mfa/confirm", ManageMfa.ConfirmAsync).WithName("ConfirmMfa")
            .WithSummary("Turns two-step sign-in on with a first code, and shows the recovery codes, once.");
        own.MapPost("/mfa/recovery-codes", ManageMfa.RenewCodesAsync).WithName("RenewRecoveryCodes").WithSummary("Fresh recovery codes, shown once; the old ones are worth nothing.");
        own.MapPost("/mfa/disable", ManageMfa.DisableAsync).WithName("DisableMfa").WithSummary("Turns two-step sign-in off with a last code.");
    }
}
