using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Health;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Tokens;

/// <summary>Documents with a standard form: no envelope, the same for everybody.</summary>
internal static class WellKnownRoutes
{
    private const string _keySetPath = "/.well-known/jwks.json";

    public static void MapWellKnown(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Discovery").AllowAnonymous();
        group.MapGet(_keySetPath, KeySetAsync).WithName("GetKeySet").WithSummary("The public keys that access tokens are signed with (RFC 7517).")
            .Produces<PublishedKeySet>().WithoutAccessLog();
        group.MapGet("/.well-known/openid-configuration", Discovery).WithName("GetDiscovery")
            .WithSummary("Where the keys are and what the tokens say (OpenID Connect Discovery 1.0).")
            .Produces<DiscoveryDocument>();
        group.MapGet("/internal/revocations", StoredRevocations.HandleAsync).ExcludeFromDescription().WithoutAccessLog();
    }

    private static async Task<Results<StandardDocument, ApiProblem>> KeySetAsync(KeyRing keys, StartupState startup, CancellationToken cancellationToken)
    {
        // The others ask as soon as they run; the first key may be a moment away, and an empty answer would be remembered.
        if (!startup.IsStarted)
            return Api.Problem(StatusCodes.Status503ServiceUnavailable, "AUTH_STARTING", "The keys are being prepared.").RetryAfter(TimeSpan.FromSeconds(1));
        return new StandardDocument(await keys.PublishedAsync(cancellationToken));
    }

    private static StandardDocument Discovery(IOptions<TokenOptions> options)
    {
        var issuer = options.Value.Issuer;
        return new(new DiscoveryDocument(
            issuer, issuer.TrimEnd('/') + _keySetPath, ["public"], ["ES256"], ["iss", "aud", "sub", "sid", "gen", "jti", "roles", "iat", "exp"]));
    }

    internal sealed class StandardDocument(object body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            var tag = EntityTag.OfContent(body);
            response.Headers.CacheControl = "public, max-age=60";
            response.Headers.ETag = tag;
            if (EntityTag.Matches(httpContext.Request.Headers.IfNoneMatch, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            return response.WriteAsJsonAsync(body, body.GetType(), ApiJson.Options, "application/json", httpContext.RequestAborted);
        }
    }
}

/// <summary>Only what this issuer really offers: it has no authorization endpoint, so none is named.</summary>
public sealed record DiscoveryDocument(
    [property: JsonPropertyName("issuer")] string Issuer,
    [property: JsonPropertyName("jwks_uri")] string KeySetAddress,
    [property: JsonPropertyName("subject_types_supported")] IReadOnlyList<string> SubjectTypes,
    [property: JsonPropertyName("id_token_signing_alg_values_supported")] IReadOnlyList<string> Algorithms,
    [property: JsonPropertyName("claims_supported")] IReadOnlyList<string> Claims);
