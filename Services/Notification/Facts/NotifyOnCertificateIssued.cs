using MassTransit;
using TalentSphere.Contracts.Lms;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells a learner where the certificate is.</summary>
internal sealed class NotifyOnCertificateIssued(Notifier notifier) : IConsumer<CertificateIssued>
{
    public Task Consume(ConsumeContext<CertificateIssued> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
