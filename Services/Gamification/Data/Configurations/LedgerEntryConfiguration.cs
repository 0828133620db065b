using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Data.Configurations;

internal sealed class LedgerEntryConfiguration : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> builder)
    {
        builder.IsDistributedBy(e => e.UserId);
        builder.ToTable("ledger");
        builder.HasKey(e => e.Id);
        builder.Property(e => e.Source).HasMaxLength(Reward.MaxSource);
        builder.HasOne<Learner>().WithMany().HasForeignKey(e => e.UserId).OnDelete(DeleteBehavior.Restrict);
        // The barrier behind the row lock: a fact counts once, whatever events bring it.
        builder.HasIndex(e => new { e.UserId, e.Reason, e.Source }).IsUnique();
        builder.HasIndex(e => new { e.UserId, e.Ordinal }).IsUnique();
        builder.HasIndex(e => new { e.Day, e.UserId }).IncludeProperties(e => e.Amount);
        builder.HasIndex(e => new { e.CourseId, e.UserId }).HasFilter("course_id IS NOT NULL").IncludeProperties(e => e.Amount);
    }
}
