using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Certificates;

/// <summary>What everybody may know of a certificate: not whose it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Serial">What stands on the printed sheet.</param>
/// <param name="Valid">Always true: what was never issued is not found.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
/// <param name="Lessons">How many lessons the course had at that time.</param>
/// <param name="IssuedAt">When the course was completed.</param>
public sealed record CertificateView(Guid Id, string Serial, bool Valid, string CourseTitle, int Lessons, DateTime IssuedAt);

internal static class VerifyCertificate
{
    public static async Task<Results<ApiOk<CertificateView>, ApiProblem>> HandleAsync(string id, LmsDbContext db, CancellationToken cancellationToken)
    {
        var serial = id.ToUpperInvariant();
        var certificates = db.Certificates.AsNoTracking();
        if (Guid.TryParse(id, out var key))
            certificates = certificates.Where(c => c.Id == key);
        else if (Certificate.Serials().IsMatch(serial))
            certificates = certificates.Where(c => c.Serial == serial);
        else
            return Api.NotFound();
        var view = await certificates.Select(c => new CertificateView(c.Id, c.Serial, true, c.CourseTitle, c.Lessons, c.IssuedAt))
            .SingleOrDefaultAsync(cancellationToken);
        return view is null ? Api.NotFound() : Api.Ok(view).Public();
    }
}
