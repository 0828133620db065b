using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.Explain;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Tenants;

/// <summary>
/// Refuses a request for a tenant that its token does not belong to. What passes carries a <see cref="TenantContext"/>, and services get its name from the gateway
/// alone (<c>x-tenant-id</c>).
/// </summary>
internal sealed class TenantMiddleware(RequestDelegate next, IOptions<TenantOptions> options)
{
    public const string HeaderName = "X-Tenant-ID";

    /// <summary>The claim of the token.</summary>
    public const string Claim = "tenant";

    private readonly TenantOptions _options = options.Value;
    private readonly bool _varies = options.Value.BaseDomain is not null || options.Value.Known.Count > 0;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (_varies)
        {
            context.Response.OnStarting(static state =>
            {
                ((HttpContext)state).Response.Headers.Append("Vary", HeaderName);
                return Task.CompletedTask;
            }, context);
        }
        var signedIn = context.User.Identity?.IsAuthenticated == true;
        var claim = signedIn ? context.User.FindFirst(Claim)?.Value : null;
        if (!_varies && claim is null && !request.Headers.ContainsKey(HeaderName))
            return next(context);
        var (verdict, tenant) = TenantResolution.Resolve(request.Host.Host, request.Headers[HeaderName], signedIn, claim, _options);
        context.Features.Get<RequestDecisions>()?.Tenant = tenant ?? verdict.ToString();
        switch (verdict)
        {
            case TenantVerdict.Malformed:
                return Api.Problem(StatusCodes.Status400BadRequest, "TENANT_MALFORMED", "A tenant is named by one label of a host name: a-z, 0-9 and '-'.").ExecuteAsync(context);
            case TenantVerdict.Contradictory:
                return Api.Problem(StatusCodes.Status400BadRequest, "TENANT_MISMATCH", $"The host and {HeaderName} name two tenants.").ExecuteAsync(context);
            case TenantVerdict.Forbidden:
                return Api.Forbidden("TENANT_FORBIDDEN", "Your account does not belong to this tenant.").ExecuteAsync(context);
            case TenantVerdict.Unknown:
                return Api.NotFound("TENANT_UNKNOWN", "There is no such tenant.").ExecuteAsync(context);
        }
        if (tenant is not null)
            context.Features.Set(new TenantContext(tenant));
        return next(context);
    }
}
