namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// Which address was asked, and whether by somebody who is signed in: the two never share an answer, even where a service calls it public. What else an answer
/// depends on it names itself (<c>Vary</c>). Compared part by part, so that no two addresses can be mixed up by how they are joined.
/// </summary>
internal sealed record CacheKey(bool SignedIn, string Scheme, string Host, string Path, string Query, string Tenant)
{
    public static CacheKey Of(HttpContext context)
    {
        var request = context.Request;
        return new(
            context.User.Identity?.IsAuthenticated == true || request.Headers.Authorization.Count > 0, request.Scheme, request.Host.Value ?? "",
            request.Path.Value ?? "", request.QueryString.Value ?? "", request.Headers["X-Tenant-ID"].ToString());
    }
}
