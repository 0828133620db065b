using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Catalogue;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class ChallengeConfiguration : IEntityTypeConfiguration<Challenge>
{
    public void Configure(EntityTypeBuilder<Challenge> builder)
    {
        builder.ToTable("challenges");
        builder.HasKey(c => c.Id);
        builder.Property(c => c.Slug).HasMaxLength(100);
        builder.Property(c => c.Title).HasMaxLength(ChallengeRequest.MaxTitle);
        builder.Property(c => c.Version).IsRowVersion();
        builder.Ignore(c => c.IsComplete).Ignore(c => c.IsBroken).Ignore(c => c.NextOrdinal).Ignore(c => c.HasTooManySamples);
        builder.HasMany(c => c.TestCases).WithOne().HasForeignKey(t => t.ChallengeId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(c => c.Slug).IsUnique();
        builder.HasIndex(c => c.AuthorId);
        builder.HasIndex(c => new { c.PublishedAt, c.Id }).HasFilter("published_at IS NOT NULL");
        builder.HasIndex(c => c.Tags).HasMethod("gin");
    }
}

internal sealed class TestCaseConfiguration : IEntityTypeConfiguration<TestCase>
{
    public void Configure(EntityTypeBuilder<TestCase> builder)
    {
        builder.ToTable("test_cases");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Version).IsRowVersion();
        builder.HasIndex(t => new { t.ChallengeId, t.Ordinal }).IsUnique();
    }
}
