using MassTransit;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>200 points per course.</summary>
internal sealed class AwardPointsOnCourseCompleted(AwardPoints award) : IConsumer<CourseCompleted>
{
    public Task Consume(ConsumeContext<CourseCompleted> context) =>
        award.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
