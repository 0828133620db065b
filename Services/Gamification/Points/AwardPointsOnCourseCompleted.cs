using MassTransit;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>200 points per course.</summary>
internal sealed class AwardPointsOnCourseCompleted(GiveReward reward) : IConsumer<CourseCompleted>
{
    public Task Consume(ConsumeContext<CourseCompleted> context) =>
        reward.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
