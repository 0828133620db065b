using TalentSphere.Gamification.Accounts;
using TalentSphere.Gamification.Badges;
using TalentSphere.Gamification.Data;
using TalentSphere.Gamification.Leaderboard;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification;

/// <summary>Everything this service has: points for what people do, and what follows from points.</summary>
public static class GamificationService
{
    /// <summary>Adds the ledger, its consumers and the leaderboards.</summary>
    public static void AddGamification(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<GamificationDbContext>();
        builder.AddMessaging<GamificationDbContext>(m =>
        {
            m.AddConsumer<AwardPointsOnUserRegistered>();
            m.AddConsumer<AwardPointsOnLessonCompleted>();
            m.AddConsumer<AwardPointsOnCourseCompleted>();
            m.AddConsumer<AwardPointsOnSubmissionApproved>();
            m.AddConsumer<TakePointsBackOnSubmissionRejected>();
            m.AddConsumer<EraseUserOnAccountDeleted>();
            m.AddProjection(p => p
                .Table<Learner>(notCompared: [l => l.PlacedEntries, l => l.UpdatedAt])
                .Table<LedgerEntry>(e => e.EventId)
                .Table<EarnedBadge>()
                .Table<Solution>()
                .AfterSwap((scope, stop) => scope.GetRequiredService<RebuildBoards>().RenewAsync(stop)));
        });
        builder.AddRedis();
        builder.Services.AddValidation();
        builder.Services.AddScoped<AwardPoints>();
        builder.Services.AddScoped<GiveReward>();
        builder.Services.AddScoped<SettleChallenge>();
        builder.Services.AddSingleton<Boards>();
        builder.Services.AddScoped<PlaceStanding>();
        builder.Services.AddScoped<ReadLeaderboard>();
        builder.Services.AddScoped<RebuildBoards>();
        builder.Services.AddHostedService<BuildCommonBoards>();
        builder.Services.AddHostedService<PlaceForgottenStandings>();
    }

    /// <summary>Maps the routes.</summary>
    public static void MapGamification(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/gamification").WithTags("Gamification");
        var mine = group.MapGroup("").RequireSignedIn();
        mine.MapGet("/me", GetStanding.HandleAsync).WithName("GetStanding").WithSummary("The caller's points, level, badges and streak.");
        mine.MapGet("/ledger", ListLedger.HandleAsync).WithName("ListLedger").WithSummary("The caller's ledger, newest entry first.");
        mine.MapGet("/leaderboard", GetLeaderboard.HandleAsync).WithName("GetLeaderboard")
            .WithSummary("Who has the most points: of all time, of this ISO week (UTC), or of one course.");
        group.MapGet("/badges", ListBadges.HandleAsync).AllowAnonymous().WithName("ListBadges")
            .WithSummary("Every badge there is; signed in, also which of them the caller has.");
    }
}
