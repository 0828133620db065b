using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Notifications;
using TalentSphere.Notification.Preferences;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Data;

/// <summary>The notification service's own database.</summary>
public sealed class NotificationDbContext(DbContextOptions<NotificationDbContext> options) : DbContext(options)
{
    /// <summary>Everybody's notifications.</summary>
    public DbSet<StoredNotification> Notifications => Set<StoredNotification>();

    /// <summary>The choices of those who made some.</summary>
    public DbSet<NotificationPreferences> Preferences => Set<NotificationPreferences>();

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(NotificationDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
