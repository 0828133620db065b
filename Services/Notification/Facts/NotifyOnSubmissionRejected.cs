using MassTransit;
using TalentSphere.Contracts.Challenges;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells that a solution failed, and why.</summary>
internal sealed class NotifyOnSubmissionRejected(Notifier notifier) : IConsumer<SubmissionRejected>
{
    public Task Consume(ConsumeContext<SubmissionRejected> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
