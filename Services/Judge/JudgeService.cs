using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TalentSphere.Judge.Access;
using TalentSphere.Judge.Jobs;
using TalentSphere.Judge.Sandbox;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.Judge;

/// <summary>Everything this worker has: boxes, languages, verdicts. It knows no database, no cache, no broker and nobody's account.</summary>
public static class JudgeService
{
    /// <summary>Adds the sandbox and what judges with it.</summary>
    public static void AddJudge(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<JudgeOptions>().BindConfiguration("Judge").ValidateDataAnnotations().ValidateOnStart();
        // The parts of AddAuthentication that one scheme needs; the whole of it brings data protection, which writes a key ring to disk.
        builder.Services.AddAuthenticationCore(o => o.DefaultScheme = JudgeKey.SchemeName);
        builder.Services.AddWebEncoders();
#pragma warning disable CS0618 // Handlers still take the clock that TimeProvider replaced when they are registered.
        builder.Services.TryAddSingleton<ISystemClock, SystemClock>();
#pragma warning restore CS0618
        builder.Services.AddSingleton<AcceptedKeys>();
        new AuthenticationBuilder(builder.Services).AddScheme<AuthenticationSchemeOptions, JudgeKey>(JudgeKey.SchemeName, null);
        builder.Services.AddAuthorization();
        builder.Services.AddValidation();
        builder.Services.AddSingleton<Workshop>();
        builder.Services.AddSingleton<WarmUp>();
        builder.Services.AddHostedService<OpenWorkshop>();
        foreach (var part in Workshop.Parts)
            builder.Services.AddHealthChecks().Add(new(part, services => new WorkshopCheck(services.GetRequiredService<Workshop>()), null, [HealthTags.Ready]));
    }

    /// <summary>Maps the routes.</summary>
    public static void MapJudge(this IEndpointRouteBuilder app) => JobRoutes.Map(app);
}
