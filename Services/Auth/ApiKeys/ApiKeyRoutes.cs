using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.ApiKeys;

internal static class ApiKeyRoutes
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth/api-keys").WithTags("API keys").RequireSignedIn();
        own.MapGet("", ManageApiKeys.ListAsync).WithName("ListApiKeys").WithSummary("One's own API keys, newest first; no secret.");
        own.MapPost("", ManageApiKeys.CreateAsync).WithName("CreateApiKey").WithSummary("Makes an API key; its secret is shown this once.");
        own.MapPost("/{id:guid}/rotate", ManageApiKeys.RotateAsync).WithName("RotateApiKey")
            .WithSummary("Gives a key a new secret; the old one stays good for the overlap asked for.");
        own.MapDelete("/{id:guid}", ManageApiKeys.RevokeAsync).WithName("RevokeApiKey").WithSummary("Ends a key, and the access tokens it was exchanged for.");
        routes.MapPost("/api/v1/auth/token", ExchangeApiKey.HandleAsync).WithTags("API keys").AllowAnonymous().WithName("ExchangeApiKey")
            .WithSummary("An access token for an API key.");
    }
}
