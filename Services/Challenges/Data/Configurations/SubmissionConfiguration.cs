using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class SubmissionConfiguration : IEntityTypeConfiguration<Submission>
{
    public void Configure(EntityTypeBuilder<Submission> builder)
    {
        builder.StaysLocal("One queue in one order over everybody's, claimed with SKIP LOCKED: its head is in no shard.");
        builder.ToTable("submissions");
        builder.HasKey(s => s.Id);
        builder.Property(s => s.Language).HasMaxLength(20);
        builder.Property(s => s.CorrelationId).HasMaxLength(Correlation.MaxLength);
        builder.Property(s => s.Verdict).HasMaxLength(20);
        builder.HasOne(s => s.Challenge).WithMany().HasForeignKey(s => s.ChallengeId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany(s => s.Judgements).WithOne().HasForeignKey(j => j.SubmissionId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(s => new { s.UserId, s.ChallengeId });
        builder.HasIndex(s => new { s.UserId, s.CreatedAt });
        builder.HasIndex(s => s.ChallengeId);
        // The queue in its own order: whoever claims walks it from the front.
        builder.HasIndex(s => new { s.Priority, s.Turn, s.Id, s.DueAt }).HasFilter("status = 'Queued'").HasDatabaseName("ix_submissions_queue");
        // Who has what under way, and whose lease is over.
        builder.HasIndex(s => new { s.UserId, s.Turn }).HasFilter("status <> 'Judged' AND priority = 0").HasDatabaseName("ix_submissions_pending");
        builder.HasIndex(s => s.LeaseUntil).HasFilter("status = 'Running'").HasDatabaseName("ix_submissions_running");
        // The leaderboard, person by person.
        builder.HasIndex(s => new { s.ChallengeId, s.UserId, s.CpuMs, s.MemoryKb, s.CreatedAt }).HasFilter("verdict = 'accepted'").HasDatabaseName("ix_submissions_accepted");
    }
}

internal sealed class JudgementConfiguration : IEntityTypeConfiguration<Judgement>
{
    public void Configure(EntityTypeBuilder<Judgement> builder)
    {
        builder.StaysLocal("Lies with its submission.");
        builder.ToTable("judgements");
        builder.HasKey(j => new { j.SubmissionId, j.Attempt });
        builder.Property(j => j.Verdict).HasMaxLength(20);
        builder.Property(j => j.Toolchain).HasMaxLength(Judgement.MaxToolchain);
        // Always read and written as a whole, with its judgement.
        builder.Property(j => j.Results).HasColumnType("jsonb").HasConversion(
            results => JsonSerializer.Serialize(results, ApiJson.Options),
            text => JsonSerializer.Deserialize<IReadOnlyList<TestResult>>(text, ApiJson.Options)!,
            new ValueComparer<IReadOnlyList<TestResult>>((a, b) => ReferenceEquals(a, b), r => r.Count, r => r));
    }
}
