using MassTransit;
using TalentSphere.Contracts.Lms;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells a learner that the course is done.</summary>
internal sealed class NotifyOnCourseCompleted(Notifier notifier) : IConsumer<CourseCompleted>
{
    public Task Consume(ConsumeContext<CourseCompleted> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
