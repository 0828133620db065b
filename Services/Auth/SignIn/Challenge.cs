using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SignIn;

/// <summary>401 as RFC 9110 §15.5.2 wants it: with what would help.</summary>
internal static class Challenge
{
    public static ApiProblem Unauthorized(this HttpContext context, string code, string message)
    {
        context.Response.Headers.WWWAuthenticate = code.StartsWith("AUTH_TOKEN", StringComparison.Ordinal) ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Api.Unauthorized(code, message);
    }
}
