using TalentSphere.Gateway.Edge.Routing;
using TalentSphere.Gateway.Edge.Tenants;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// Which address was asked, and whether by somebody who is signed in: the two never share an answer, even where a service calls it public; nor do the users of a
/// canary and the others. What else an answer depends on it names itself (<c>Vary</c>). Compared part by part, so that no two addresses can be mixed up by how they
/// are joined.
/// </summary>
internal sealed record CacheKey(bool SignedIn, string Scheme, string Host, string Path, string Query, string Tenant, bool Canary)
{
    /// <summary>Bytes, about.</summary>
    public int Size => (Host.Length + Path.Length + Query.Length + Tenant.Length) * sizeof(char);

    public static CacheKey Of(HttpContext context)
    {
        var request = context.Request;
        return new(
            context.User.Identity?.IsAuthenticated == true || request.Headers.Authorization.Count > 0, request.Scheme, request.Host.Value ?? "",
            request.Path.Value ?? "", request.QueryString.Value ?? "", context.Features.Get<TenantContext>()?.Id ?? "",
            CanaryShare.IsWanted(context));
    }
}
