using TalentSphere.Gamification.Leaderboard;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>What every consumer does with a reward: awards it in the message's transaction and, after that, places the learner on the leaderboards.</summary>
internal sealed class GiveReward(AwardPoints award, AfterCommit afterCommit, IServiceScopeFactory scopes)
{
    public async Task RunAsync(Reward reward, string? displayName, CancellationToken cancellationToken)
    {
        if (!await award.RunAsync(reward, displayName, cancellationToken))
            return;
        afterCommit.Run(async stop =>
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<PlaceStanding>().RunAsync(reward.UserId, stop);
        });
    }
}
