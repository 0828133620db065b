using MassTransit;
using TalentSphere.Contracts.Lms;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells a learner that the enrollment is gone.</summary>
internal sealed class NotifyOnEnrollmentCancelled(Notifier notifier) : IConsumer<EnrollmentCancelled>
{
    public Task Consume(ConsumeContext<EnrollmentCancelled> context) => notifier.NotifyAsync(Notices.Of(context.Message, context.EventId()), context);
}
