using TalentSphere.Gamification.Leaderboard;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>What every consumer does with a reward: awards it in the message's transaction and, after that, places the learner on the leaderboards.</summary>
internal sealed partial class GiveReward(AwardPoints award, AfterCommit afterCommit, IServiceScopeFactory scopes, ILogger<GiveReward> logger)
{
    public async Task RunAsync(Reward reward, string? displayName, CancellationToken cancellationToken)
    {
        if (!await award.RunAsync(reward, displayName, cancellationToken))
            return;
        afterCommit.Run(async stop =>
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<PlaceStanding>().RunAsync(reward.UserId, stop);
            }
            catch (Exception e) when (Redis.IsAway(e))
            {
                Later(logger, e.Message);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A standing is not on the leaderboards yet: {Reason}")]
    private static partial void Later(ILogger logger, string reason);
}
