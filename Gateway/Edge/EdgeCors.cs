using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge;

/// <summary>CORS for the origins listed under <c>Cors:Origins</c> and for no other.</summary>
internal static class EdgeCors
{
    private static readonly TimeSpan _remembered = TimeSpan.FromMinutes(10);

    /// <exception cref="InvalidOperationException">What is listed is no origin: scheme, host and port, nothing else (RFC 6454 §6.2), and neither <c>*</c> nor <c>null</c>.</exception>
    public static void AddEdgeCors(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = configuration.GetSection("Cors:Origins").Get<string[]>() ?? [];
        if (Array.Find(origins, o => !IsOrigin(o)) is { } odd)
            throw new InvalidOperationException($"Cors:Origins lists '{odd}', which is no origin: write it as https://app.example or http://localhost:3000.");
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins)
            .AllowAnyMethod()
            .AllowAnyHeader()
            .AllowCredentials()
            .WithExposedHeaders(
                Correlation.HeaderName, "API-Version", "ETag", "Link", "Location", "Age", "Retry-After", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit",
                "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Cache", "Idempotent-Replayed", "Deprecation", "Sunset")
            .SetPreflightMaxAge(_remembered)));
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && text == uri.GetLeftPart(UriPartial.Authority) && uri.UserInfo.Length == 0;
}
