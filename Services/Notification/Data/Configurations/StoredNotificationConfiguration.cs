using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Data.Configurations;

internal sealed class StoredNotificationConfiguration : IEntityTypeConfiguration<StoredNotification>
{
    public void Configure(EntityTypeBuilder<StoredNotification> builder)
    {
        // Ids ascend with time: the key read backwards is the list, newest first.
        builder.HasKey(n => new { n.UserId, n.Id });
        builder.IsDistributedBy(n => n.UserId);
        builder.Property(n => n.Source).HasMaxLength(StoredNotification.MaxSource);
        builder.Property(n => n.Title).HasMaxLength(StoredNotification.MaxTitle);
        builder.Property(n => n.Body).HasMaxLength(StoredNotification.MaxBody);
        builder.Property(n => n.CorrelationId).HasMaxLength(Correlation.MaxLength);
        builder.HasIndex(n => new { n.UserId, n.Kind, n.Source }).IsUnique();
        builder.HasIndex(n => n.QuotedId).HasFilter("quoted_id IS NOT NULL");
        builder.HasIndex(n => new { n.UserId, n.Id }, "ix_notifications_unread").HasFilter("read_at IS NULL");
    }
}
