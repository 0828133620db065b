using TalentSphere.Notification.Accounts;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Facts;
using TalentSphere.Notification.Notifications;
using TalentSphere.Notification.Preferences;
using TalentSphere.Notification.Push;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.ServiceDefaults.Push;

namespace TalentSphere.Notification;

/// <summary>Everything the notification service has.</summary>
public static class NotificationService
{
    /// <summary>
    /// Adds it. What it does not listen to, and why: <c>lms.lesson.completed</c> and <c>lms.progress.updated</c>, because
    /// <c>gamification.points.awarded</c> tells of every lesson already and twice is noise; <c>jobs.post.*</c>, because nobody has
    /// asked to hear of posts yet.
    /// </summary>
    public static void AddNotification(this WebApplicationBuilder builder)
    {
        builder.AddServiceDatabase<NotificationDbContext>();
        builder.AddMessaging<NotificationDbContext>(bus =>
        {
            bus.AddConsumer<NotifyOnUserRegistered>();
            bus.AddConsumer<NotifyOnPasswordChanged>();
            bus.AddConsumer<NotifyOnEnrollmentCreated>();
            bus.AddConsumer<NotifyOnEnrollmentCancelled>();
            bus.AddConsumer<NotifyOnCourseCompleted>();
            bus.AddConsumer<NotifyOnCertificateIssued>();
            bus.AddConsumer<NotifyOnPointsAwarded>();
            bus.AddConsumer<NotifyOnLevelReached>();
            bus.AddConsumer<NotifyOnBadgeEarned>();
            bus.AddConsumer<NotifyOnSubmissionApproved>();
            bus.AddConsumer<NotifyOnSubmissionRejected>();
            bus.AddConsumer<NotifyOnApplicationSubmitted>();
            bus.AddConsumer<NotifyOnApplicationViewed>();
            bus.AddConsumer<NotifyOnApplicationStatusChanged>();
            bus.AddConsumer<EraseUserOnAccountDeleted>();
            // What somebody read is theirs and in no event that is heard here.
            bus.AddProjection(p => p
                .Table<StoredNotification>(n => n.EventId, n => n.ReadAt)
                .CarryOver(
                    """
                    UPDATE notifications n SET read_at = l.read_at FROM public.notifications l
                    WHERE l.user_id = n.user_id AND l.id = n.id AND l.read_at IS NOT NULL
                    """));
        });
        builder.AddRedis();
        builder.AddLivePush<LivePush, NotificationHub, PushMessage>();
        builder.Services.AddValidation();
        builder.Services.AddScoped<Notifier>();
    }

    /// <summary>Maps its routes and its hub.</summary>
    public static void MapNotification(this WebApplication app)
    {
        app.MapNotifications();
        app.MapPreferences();
        app.MapLivePush<NotificationHub>(NotificationHub.Path);
    }
}
