using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Links;

internal static class LinkAnswers
{
    /// <summary>One answer for a link that never was, was used, was recalled or has expired: which of these says something about an account.</summary>
    public static ApiProblem Worthless() =>
        Api.Problem(StatusCodes.Status422UnprocessableEntity, "AUTH_LINK_INVALID", "This link is not good, or no longer: it can be used once, for a short time. Ask for another one.");
}
