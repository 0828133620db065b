using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Proofs;

/// <summary>Registers what signs verdicts.</summary>
internal static class ProofExtensions
{
    /// <summary>Adds the keys.</summary>
    public static void AddProofs(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ProofOptions>().BindConfiguration("Proofs").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<KeySeal>();
        builder.Services.AddSingleton<VerdictKeyRing>();
        builder.Services.AddScoped<IStartupTask, CreateFirstVerdictKey>();
    }
}
