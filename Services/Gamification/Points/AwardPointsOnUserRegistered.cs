using MassTransit;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>10 points and a name for the leaderboards.</summary>
internal sealed class AwardPointsOnUserRegistered(GiveReward reward) : IConsumer<UserRegistered>
{
    public Task Consume(ConsumeContext<UserRegistered> context) =>
        reward.RunAsync(Reward.For(context.Message, context.Envelope()), context.Message.Name, context.CancellationToken);
}
