using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Applications;

/// <summary>Where an application is to go.</summary>
public sealed record MoveRequest
{
    /// <summary><c>reviewing</c>, <c>accepted</c> or <c>rejected</c> from the employer, <c>withdrawn</c> from the candidate.</summary>
    [Required]
    public ApplicationStatus? Status { get; init; }
}

internal static class MoveApplication
{
    public static async Task<Results<ApiOk<ApplicationView>, ApiProblem>> HandleAsync(
        Guid id, MoveRequest request, HttpRequest http, ClaimsPrincipal user, JobsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var dossier = await Dossier.LockAsync(db, id, user.UserId(), cancellationToken);
        if (dossier is null)
            return Api.NotFound();
        var application = dossier.Application;
        if (EntityTag.IfMatchFails(http, application.Version) is { } stale)
            return stale;
        var from = application.Status;
        var to = request.Status!.Value;
        switch (application.MoveTo(to, dossier.SideOf(user.UserId())))
        {
            case Move.NotYours:
                return Api.Forbidden(message: "That is for the other side to decide.");
            case Move.Impossible:
                return Api.Conflict(ErrorCodes.InvalidTransition, $"An application that is {Word(from)} cannot become {Word(to)}.");
            case Move.Made:
                db.Publish(new ApplicationStatusChanged(
                    id, application.JobId, application.CompanyId, application.UserId, dossier.EmployerId, dossier.JobTitle, Word(from), Word(to)));
                break;
        }
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(dossier.View).WithVersion(application.Version);
    }

    private static string Word(ApplicationStatus status) => JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString());
}
