using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Health;

namespace TalentSphere.Challenges.Judging;

/// <summary>Registers what judges submissions.</summary>
internal static class JudgingExtensions
{
    /// <summary>Adds the client of the judge, the queue and its dispatcher. Without a judge the service is degraded, and ready all the same.</summary>
    public static void AddJudging(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<JudgeOptions>().BindConfiguration("Judge").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => new JudgeClient(NewHttpClient(), s.GetRequiredService<IConfiguration>(), s.GetRequiredService<IOptionsMonitor<JudgeOptions>>()));
        services.AddSingleton<QueueSignal>();
        services.AddSingleton<SubmissionQueue>();
        services.AddSingleton<JudgeAvailability>();
        services.AddSingleton<JudgeSubmission>();
        services.AddScoped<RecordVerdict>();
        services.AddSingleton<RunSlots>();
        services.AddHostedService(s => s.GetRequiredService<JudgeAvailability>());
        services.AddHostedService<HearOfSubmissions>();
        services.AddHostedService<DispatchSubmissions>();
        services.AddHealthChecks().Add(new HealthCheckRegistration("judge", s => s.GetRequiredService<JudgeAvailability>(), HealthStatus.Degraded, [HealthTags.Ready]));
    }

    private static HttpClient NewHttpClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        // Leaving a job hangs up at once, which is what ends it on the other side.
        MaxResponseDrainSize = 0,
    })
    {
        // The limits are the client's own: one for the first answer, one between two lines.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
