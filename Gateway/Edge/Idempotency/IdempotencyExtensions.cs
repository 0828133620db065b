namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>Idempotency keys (contracts: HTTP).</summary>
internal static class IdempotencyExtensions
{
    /// <summary>Needs <c>AddRedis</c>.</summary>
    public static void AddIdempotency(this IServiceCollection services)
    {
        services.AddOptions<IdempotencyOptions>().BindConfiguration(IdempotencyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IdempotencyStore>();
    }

    /// <summary>After authorization, so that a key belongs to whom the token names and only what is allowed is claimed.</summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<IdempotencyMiddleware>();
}
