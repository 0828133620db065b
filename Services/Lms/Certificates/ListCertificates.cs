using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Certificates;

/// <summary>A certificate of the caller.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Serial">What stands on the printed sheet.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
/// <param name="Lessons">How many lessons the course had at that time.</param>
/// <param name="IssuedAt">When the course was completed.</param>
public sealed record OwnCertificateView(Guid Id, string Serial, Guid CourseId, string CourseTitle, int Lessons, DateTime IssuedAt);

internal static class ListCertificates
{
    public static async Task<ApiPage<OwnCertificateView>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var learner = user.UserId();
        var mine = db.Certificates.AsNoTracking().Where(c => c.UserId == learner);
        var total = await mine.LongCountAsync(cancellationToken);
        var page = await mine.OrderByDescending(c => c.IssuedAt).ThenByDescending(c => c.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(c => new OwnCertificateView(c.Id, c.Serial, c.CourseId, c.CourseTitle, c.Lessons, c.IssuedAt))
            .ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
