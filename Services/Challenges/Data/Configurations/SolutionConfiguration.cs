using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class SolutionConfiguration : IEntityTypeConfiguration<Solution>
{
    public void Configure(EntityTypeBuilder<Solution> builder)
    {
        builder.StaysLocal("Lies with the queue of submissions, which is joined to it and stays on the coordinator.");
        builder.ToTable("solutions");
        builder.HasKey(s => s.Id);
        builder.Property(s => s.Name).HasMaxLength(SolutionRequest.MaxName);
        builder.Property(s => s.Language).HasMaxLength(20);
        builder.Property(s => s.Expected).HasMaxLength(20);
        builder.Property(s => s.Version).IsRowVersion();
        builder.HasIndex(s => s.ChallengeId);
    }
}

internal sealed class SolutionCheckConfiguration : IEntityTypeConfiguration<SolutionCheck>
{
    public void Configure(EntityTypeBuilder<SolutionCheck> builder)
    {
        builder.StaysLocal("Claimed with SKIP LOCKED, by whoever is free and for whichever challenge is next.");
        builder.ToTable("solution_checks");
        builder.HasKey(c => c.ChallengeId);
        builder.Property(c => c.Problem).HasMaxLength(100);
        builder.Property(c => c.Results).HasColumnType("jsonb").HasConversion(
            results => JsonSerializer.Serialize(results, ApiJson.Options),
            text => JsonSerializer.Deserialize<List<SolutionResult>>(text, ApiJson.Options)!,
            new ValueComparer<List<SolutionResult>>((a, b) => a!.SequenceEqual(b!), results => results.Count, results => results.ToList()));
        builder.HasIndex(c => c.NextTryAt).HasFilter("state IN ('Queued', 'Running')");
    }
}
