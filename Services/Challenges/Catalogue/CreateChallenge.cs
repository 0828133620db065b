using System.Security.Claims;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class CreateChallenge
{
    public static async Task<ApiCreated<ChallengeView>> HandleAsync(
        ChallengeRequest request, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var challenge = new Challenge { Id = Guid.CreateVersion7(), AuthorId = user.UserId(), Title = "", Statement = "" };
        request.ApplyTo(challenge);
        db.Challenges.Add(challenge);
        await db.SaveChangesAsync(cancellationToken);
        return Api.Created($"/api/v1/challenges/{challenge.Id}", ChallengeView.ForAuthor(challenge)).WithVersion(challenge.Version);
    }
}
