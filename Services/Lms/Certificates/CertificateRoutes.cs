using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Lms.Certificates;

internal static class CertificateRoutes
{
    public static void MapCertificates(this IEndpointRouteBuilder routes)
    {
        var certificates = routes.MapGroup("/api/v1/certificates").WithTags("Certificates");
        certificates.MapGet("/", ListCertificates.HandleAsync).RequireSignedIn().WithName("ListCertificates")
            .WithSummary("The caller's certificates, newest first.");
        certificates.MapGet("/{id}", VerifyCertificate.HandleAsync).AllowAnonymous().WithName("VerifyCertificate")
            .WithSummary("Whether a certificate is genuine, by its id or the serial printed on it. Names nobody.");
    }
}
