using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge;

/// <summary>CORS for the origins listed under <c>Cors:Origins</c> and for no other.</summary>
internal static class EdgeCors
{
    public static void AddEdgeCors(this IServiceCollection services, IConfiguration configuration) => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
        .WithOrigins(configuration.GetSection("Cors:Origins").Get<string[]>() ?? [])
        .AllowAnyMethod()
        .AllowAnyHeader()
        .AllowCredentials()
        .WithExposedHeaders(Correlation.HeaderName, "API-Version", "ETag", "Link", "Location", "Retry-After",
            "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Deprecation", "Sunset")
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
}
