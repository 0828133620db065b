using TalentSphere.Challenges.Accounts;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Live;
using TalentSphere.Challenges.Proofs;
using TalentSphere.Challenges.Samples;
using TalentSphere.Challenges.Solutions;
using TalentSphere.Challenges.Submissions;
using TalentSphere.Challenges.TestCases;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.ServiceDefaults.Push;

namespace TalentSphere.Challenges;

/// <summary>Everything this service has: coding challenges, their tests, the solutions that people hand in, and what a judge found of them. It runs none of them itself.</summary>
public static class ChallengesService
{
    /// <summary>Adds the catalogue, the submissions with their queue, verdicts and proofs, and the sample content.</summary>
    public static void AddChallenges(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<ChallengesDbContext>();
        builder.AddMessaging<ChallengesDbContext>(m => m.AddConsumer<EraseUserOnAccountDeleted>());
        builder.Services.AddValidation();
        builder.AddRedis();
        builder.AddLivePush<SubmissionProgress, SubmissionHub, ProgressMessage>();
        builder.AddProofs();
        builder.AddJudging();
        builder.Services.AddSingleton<CheckSignal>();
        builder.Services.AddHostedService<CheckWorker>();
        builder.Services.AddConflict("ix_test_cases_challenge_id_ordinal", "CHALLENGE_ORDINAL_TAKEN", "The challenge has a test case with that ordinal already.");
        builder.Services.AddScoped<IStartupTask, LoadSampleContent>();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapChallenges(this IEndpointRouteBuilder app)
    {
        ChallengeRoutes.Map(app);
        TestCaseRoutes.Map(app);
        SolutionRoutes.Map(app);
        SubmissionRoutes.Map(app);
        ProofRoutes.Map(app);
        app.MapLivePush<SubmissionHub>(SubmissionHub.Path);
    }
}
