using MassTransit;
using TalentSphere.Contracts.Challenges;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells that a solution passed.</summary>
internal sealed class NotifyOnSubmissionApproved(Notifier notifier) : IConsumer<SubmissionApproved>
{
    public Task Consume(ConsumeContext<SubmissionApproved> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
