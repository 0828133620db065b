using MassTransit;
using TalentSphere.Contracts.Lms;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells a learner that the enrollment stands.</summary>
internal sealed class NotifyOnEnrollmentCreated(Notifier notifier) : IConsumer<EnrollmentCreated>
{
    public Task Consume(ConsumeContext<EnrollmentCreated> context) => notifier.NotifyAsync(Notices.Of(context.Message, context.EventId()), context);
}
