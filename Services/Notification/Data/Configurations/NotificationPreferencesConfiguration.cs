using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Notification.Preferences;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Notification.Data.Configurations;

internal sealed class NotificationPreferencesConfiguration : IEntityTypeConfiguration<NotificationPreferences>
{
    public void Configure(EntityTypeBuilder<NotificationPreferences> builder)
    {
        builder.HasKey(p => p.UserId);
        builder.IsDistributedBy(p => p.UserId);
        builder.PrimitiveCollection(p => p.Muted).HasField("_muted").ElementType(e => e.HasConversion<string>());
        builder.Ignore(p => p.QuietHours);
        builder.Property(p => p.QuietFrom);
        builder.Property(p => p.QuietTo);
        builder.Property(p => p.QuietTimeZone).HasMaxLength(IanaTimeZoneAttribute.MaxLength);
        builder.Property(p => p.Version).IsRowVersion();
    }
}
