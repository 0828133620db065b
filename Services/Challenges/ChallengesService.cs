using TalentSphere.Challenges.Accounts;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Samples;
using TalentSphere.Challenges.Solutions;
using TalentSphere.Challenges.Submissions;
using TalentSphere.Challenges.TestCases;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges;

/// <summary>Everything this service has: coding challenges, their tests, and the solutions that people hand in. It runs none of them.</summary>
public static class ChallengesService
{
    /// <summary>Adds the catalogue, the submissions and the sample content.</summary>
    public static void AddChallenges(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<ChallengesDbContext>();
        builder.AddMessaging<ChallengesDbContext>(m => m.AddConsumer<EraseUserOnAccountDeleted>());
        builder.Services.AddValidation();
        builder.AddJudgeClient();
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
    }
}
