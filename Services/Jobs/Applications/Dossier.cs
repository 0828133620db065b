using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Data;

namespace TalentSphere.Jobs.Applications;

/// <summary>An application with what its answers and events need of the job and the company.</summary>
internal sealed record Dossier(Application Application, string JobTitle, string CompanyName, Guid EmployerId)
{
    public ApplicationView View => ApplicationView.Of(Application, JobTitle, CompanyName);

    /// <summary>Nobody is both: one's own jobs cannot be applied for.</summary>
    public Side SideOf(Guid user) => user == Application.UserId ? Side.Candidate : Side.Employer;

    /// <summary>Reads an application that <paramref name="user"/> has a part in; null for everybody else.</summary>
    public static Task<Dossier?> ReadAsync(JobsDbContext db, Guid id, Guid user, CancellationToken cancellationToken) =>
        FindAsync(db, db.Applications.AsNoTracking().Where(a => a.Id == id), user, cancellationToken);

    /// <summary>The same, locked until the transaction ends, so that moves of one application pass one after the other.</summary>
    public static async Task<Dossier?> LockAsync(JobsDbContext db, Guid id, Guid user, CancellationToken cancellationToken)
    {
        // An id alone says not where the application lies: what follows asks there.
        var place = await db.Applications.Where(a => a.Id == id).Select(a => new { a.JobId, a.CompanyId }).SingleOrDefaultAsync(cancellationToken);
        if (place is null)
            return null;
        // The company's words go into events: whoever forgets its owner at this moment waits for those, or has been waited for.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM companies WHERE id = {place.CompanyId} FOR KEY SHARE", cancellationToken);
        var dossier = await FindAsync(db, db.Applications.AsNoTracking().Where(a => a.JobId == place.JobId && a.Id == id), user, cancellationToken);
        if (dossier is null)
            return null;
        var locked = await db.Applications.FromSql($"SELECT *, xmin FROM applications WHERE job_id = {place.JobId} AND id = {id} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        return locked is null ? null : dossier with { Application = locked };
    }

    private static Task<Dossier?> FindAsync(JobsDbContext db, IQueryable<Application> applications, Guid user, CancellationToken cancellationToken) =>
        (from a in applications
         join j in db.Jobs on a.JobId equals j.Id
         join c in db.Companies on a.CompanyId equals c.Id
         where a.UserId == user || c.OwnerId == user
         select new Dossier(a, j.Title, j.CompanyName, c.OwnerId)).SingleOrDefaultAsync(cancellationToken);
}
