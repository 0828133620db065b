using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Gamification.Badges;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Data.Configurations;

internal sealed class LearnerConfiguration : IEntityTypeConfiguration<Learner>
{
    public void Configure(EntityTypeBuilder<Learner> builder)
    {
        builder.IsDistributedBy(l => l.UserId);
        builder.ToTable("learners");
        builder.HasKey(l => l.UserId);
        builder.Property(l => l.DisplayName).HasMaxLength(Learner.MaxName);
        builder.Ignore(l => l.Streak);
        builder.HasMany(l => l.Badges).WithOne().HasForeignKey(b => b.UserId);
        // Serves the leaderboard of all time in its own order while Redis is away.
        builder.HasIndex(l => new { l.Total, l.UserId }).IsDescending();
        // Nearly always empty: who is not on the leaderboards as in the ledger.
        builder.HasIndex(l => l.UpdatedAt).HasFilter("placed_entries < entries").HasDatabaseName("ix_learners_unplaced");
    }
}

internal sealed class EarnedBadgeConfiguration : IEntityTypeConfiguration<EarnedBadge>
{
    public void Configure(EntityTypeBuilder<EarnedBadge> builder)
    {
        builder.IsDistributedBy(b => b.UserId);
        builder.ToTable("earned_badges");
        builder.HasKey(b => new { b.UserId, b.Badge });
        builder.Property(b => b.Badge).HasMaxLength(40);
    }
}
