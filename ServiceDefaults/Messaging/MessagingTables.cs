using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>The tables of the messaging in a service's own database.</summary>
public static class MessagingTables
{
    private const string _together =
        "The relay publishes in the order of all rows, whatever their subject, and drops them by the day; an event is looked for by its id alone. See ADR 0025.";

    /// <summary>
    /// Maps <c>outbox_messages</c>, <c>inbox_messages</c> and <c>event_failures</c>; called in <c>OnModelCreating</c>. Names of tables and columns are given
    /// here, because the relay speaks SQL to them. The outbox is partitioned by day: see <see cref="OutboxPartitioning"/>.
    /// </summary>
    public static ModelBuilder AddMessagingTables(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable("outbox_messages");
            outbox.StaysLocal(_together);
            // The day decides the partition, so it is part of the key; the id alone is unique all the same.
            outbox.HasKey(m => new { m.Id, m.CreatedAt }).HasName("pk_outbox_messages");
            outbox.Property(m => m.Id).HasColumnName("id").ValueGeneratedNever();
            outbox.Property(m => m.Sequence).HasColumnName("sequence").UseIdentityAlwaysColumn();
            outbox.Property(m => m.EventType).HasColumnName("event_type").HasMaxLength(200);
            outbox.Property(m => m.Subject).HasColumnName("subject").HasMaxLength(200);
            outbox.Property(m => m.CorrelationId).HasColumnName("correlation_id").HasMaxLength(128);
            outbox.Property(m => m.TraceParent).HasColumnName("traceparent").HasMaxLength(64);
            outbox.Property(m => m.Envelope).HasColumnName("envelope");
            outbox.Property(m => m.PersonalOf).HasColumnName("personal_of");
            outbox.Property(m => m.CreatedAt).HasColumnName("created_at");
            outbox.Property(m => m.PublishedAt).HasColumnName("published_at");
            outbox.Property(m => m.Attempts).HasColumnName("attempts").HasDefaultValue(0);
            outbox.Property(m => m.LastError).HasColumnName("last_error");
            outbox.Property(m => m.SetAsideAt).HasColumnName("set_aside_at");
            // Only what waits is indexed by order: a million published rows cost the relay nothing.
            outbox.HasIndex(m => m.Sequence).HasDatabaseName("ix_outbox_messages_pending")
                .HasFilter("published_at IS NULL AND set_aside_at IS NULL");
            outbox.HasIndex(m => new { m.Subject, m.Sequence }).HasDatabaseName("ix_outbox_messages_set_aside")
                .HasFilter("set_aside_at IS NOT NULL AND published_at IS NULL");
            // Most events hold nobody's data: erasing somebody reads the few that hold theirs, however many are kept.
            outbox.HasIndex(m => m.PersonalOf).HasDatabaseName("ix_outbox_messages_personal_of").HasMethod("gin").HasFilter("personal_of IS NOT NULL");
            outbox.HasIndex(m => m.CorrelationId).HasDatabaseName("ix_outbox_messages_correlation_id");
        });
        modelBuilder.Entity<InboxMessage>(inbox =>
        {
            inbox.ToTable("inbox_messages");
            inbox.StaysLocal(_together);
            inbox.HasKey(m => new { m.Consumer, m.MessageId }).HasName("pk_inbox_messages");
            inbox.Property(m => m.Consumer).HasColumnName("consumer").HasMaxLength(100);
            inbox.Property(m => m.MessageId).HasColumnName("message_id");
            inbox.Property(m => m.EventType).HasColumnName("event_type").HasMaxLength(200);
            inbox.Property(m => m.ProcessedAt).HasColumnName("processed_at");
            inbox.Property(m => m.Attempts).HasColumnName("attempts").HasDefaultValue(1);
            inbox.Property(m => m.Position).HasColumnName("position").UseIdentityAlwaysColumn();
            inbox.HasIndex(m => m.ProcessedAt).HasDatabaseName("ix_inbox_messages_processed_at").HasMethod("brin");
        });
        modelBuilder.Entity<EventFailure>(failure =>
        {
            failure.ToTable("event_failures");
            failure.StaysLocal(_together);
            failure.HasKey(f => f.Id).HasName("pk_event_failures");
            failure.Property(f => f.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            failure.Property(f => f.Consumer).HasColumnName("consumer").HasMaxLength(100);
            failure.Property(f => f.MessageId).HasColumnName("message_id");
            failure.Property(f => f.EventType).HasColumnName("event_type").HasMaxLength(200);
            failure.Property(f => f.Attempt).HasColumnName("attempt");
            failure.Property(f => f.FailedAt).HasColumnName("failed_at");
            failure.Property(f => f.Error).HasColumnName("error").HasMaxLength(EventFailure.MaxErrorLength);
            failure.Property(f => f.Dead).HasColumnName("dead");
            failure.HasIndex(f => f.MessageId).HasDatabaseName("ix_event_failures_message_id");
            failure.HasIndex(f => f.FailedAt).HasDatabaseName("ix_event_failures_failed_at").HasMethod("brin");
        });
        return modelBuilder;
    }
}
