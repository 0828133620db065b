using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

internal static class GetJob
{
    public static async Task<Results<ApiOk<JobView>, JobPostingDocument, ApiProblem>> HandleAsync(
        Guid id, HttpContext http, JobsDbContext db, CancellationToken cancellationToken)
    {
        var job = await db.Jobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id && j.WithdrawnAt == null, cancellationToken);
        if (job is null)
            return JobRoutes.NotFound();
        http.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        if (!PrefersLinkedData(http.Request))
            return Api.Ok(JobView.Of(job)).WithVersion(job.Version).Public();
        var website = await db.Companies.Where(c => c.Id == job.CompanyId).Select(c => c.Website).SingleAsync(cancellationToken);
        return new JobPostingDocument(JobPosting.Of(job, website));
    }

    private static bool PrefersLinkedData(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        var linked = Quality(accepted, JobPostingDocument.MediaType);
        return linked > 0 && linked >= Quality(accepted, "application/json");
    }

    private static double Quality(IList<MediaTypeHeaderValue> accepted, string mediaType) =>
        accepted.Where(a => a.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty().Max();
}
