using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Applications;

internal static class GetApplication
{
    public static async Task<Results<ApiOk<ApplicationView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, TimeProvider time, JobsDbContext db, CancellationToken cancellationToken)
    {
        var dossier = await Dossier.ReadAsync(db, id, user.UserId(), cancellationToken);
        if (dossier is { Application.ViewedAt: null } && dossier.SideOf(user.UserId()) == Side.Employer)
            dossier = await ViewAsync(db, id, user.UserId(), time.GetDatabaseNow(), cancellationToken);
        return dossier is null ? Api.NotFound() : Api.Ok(dossier.View).WithVersion(dossier.Application.Version);
    }

    private static async Task<Dossier?> ViewAsync(JobsDbContext db, Guid id, Guid employer, DateTime now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var dossier = await Dossier.LockAsync(db, id, employer, cancellationToken);
        if (dossier?.Application is { } application && application.View(now))
            db.Publish(new ApplicationViewed(id, application.JobId, application.CompanyId, application.UserId, dossier.JobTitle, dossier.EmployerId));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return dossier;
    }
}
