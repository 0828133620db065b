using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class ChallengeConfiguration : IEntityTypeConfiguration<Challenge>
{
    public void Configure(EntityTypeBuilder<Challenge> builder)
    {
        builder.StaysLocal("Lies with the queue of submissions, which is joined to it and stays on the coordinator.");
        builder.ToTable("challenges");
        builder.HasKey(c => c.Id);
        builder.Property(c => c.Slug).HasMaxLength(100);
        builder.Property(c => c.Title).HasMaxLength(ChallengeRequest.MaxTitle);
        builder.Property(c => c.Version).IsRowVersion();
        builder.Ignore(c => c.IsComplete).Ignore(c => c.IsBroken).Ignore(c => c.NextOrdinal)
            .Ignore(c => c.HasTooManySamples).Ignore(c => c.HasReferences).Ignore(c => c.HasTooLongTests);
        builder.ComplexProperty(c => c.Checker, checker =>
        {
            checker.Property(c => c.Kind).HasColumnName("checker_kind");
            checker.Property(c => c.Absolute).HasColumnName("checker_absolute");
            checker.Property(c => c.Relative).HasColumnName("checker_relative");
            checker.Property(c => c.IgnoreCase).HasColumnName("checker_ignore_case");
            checker.Property(c => c.Language).HasColumnName("checker_language").HasMaxLength(20);
            checker.Property(c => c.Source).HasColumnName("checker_source");
        });
        builder.HasMany(c => c.TestCases).WithOne().HasForeignKey(t => t.ChallengeId).OnDelete(DeleteBehavior.Cascade);
        builder.HasMany(c => c.Solutions).WithOne().HasForeignKey(s => s.ChallengeId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne(c => c.Check).WithOne().HasForeignKey<SolutionCheck>(c => c.ChallengeId).OnDelete(DeleteBehavior.Cascade);
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
        builder.StaysLocal("Lies with the queue of submissions, which is joined to it and stays on the coordinator.");
        builder.ToTable("test_cases");
        builder.HasKey(t => t.Id);
        builder.Property(t => t.Version).IsRowVersion();
        builder.HasIndex(t => new { t.ChallengeId, t.Ordinal }).IsUnique();
    }
}
