using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Proofs;

/// <summary>A verdict that can be shown to anybody.</summary>
/// <param name="SubmissionId">The submission.</param>
/// <param name="Attempt">The attempt that the verdict came from.</param>
/// <param name="Proof">The statement, signed (JWS, compact).</param>
/// <param name="Keys">Where the keys to verify it with are published.</param>
internal sealed record ProofView(Guid SubmissionId, int Attempt, string Proof, string Keys);

internal static class ProofRoutes
{
    private const string _keys = "/api/v1/challenges/verdict-keys";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(_keys, KeysAsync).AllowAnonymous().WithTags("Proofs").WithName("GetVerdictKeys")
            .WithSummary("The public keys that verdicts are signed with (RFC 7517), also those that sign no more.").Produces<VerdictKeySet>();
        app.MapGet("/api/v1/submissions/{id:guid}/verdict", VerdictAsync).RequireSignedIn().WithTags("Proofs").WithName("GetVerdict")
            .WithSummary("The signed verdict in force of one's own submission; also for the challenge's author and admins.");
    }

    private static async Task<IResult> KeysAsync(VerdictKeyRing ring, HttpContext http)
    {
        var keys = await ring.PublishedAsync(http.RequestAborted);
        var tag = EntityTag.OfContent(keys);
        http.Response.Headers.CacheControl = "public, max-age=60";
        http.Response.Headers.ETag = tag;
        return EntityTag.Matches(http.Request.Headers.IfNoneMatch, tag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Json(keys, ApiJson.Options, "application/json");
    }

    private static async Task<Results<ApiOk<ProofView>, ApiProblem>> VerdictAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        var changeable = db.Challenges.ChangeableBy(user);
        var found = await db.Submissions.AsNoTracking()
            .Where(s => s.Id == id && (s.UserId == userId || changeable.Any(c => c.Id == s.ChallengeId)))
            .Select(s => new { s.JudgedAttempt, Proof = s.Judgements.Where(j => j.Attempt == s.JudgedAttempt).Select(j => j.Proof).SingleOrDefault() })
            .SingleOrDefaultAsync(cancellationToken);
        return found switch
        {
            null => Api.NotFound(),
            { JudgedAttempt: { } attempt, Proof: { } proof } => Api.Ok(new ProofView(id, attempt, proof, _keys)),
            _ => Api.Conflict("SUBMISSION_NOT_JUDGED", "The submission has no verdict yet."),
        };
    }
}
