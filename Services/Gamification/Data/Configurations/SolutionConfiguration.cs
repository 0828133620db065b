using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Data.Configurations;

internal sealed class SolutionConfiguration : IEntityTypeConfiguration<Solution>
{
    public void Configure(EntityTypeBuilder<Solution> builder)
    {
        builder.IsDistributedBy(s => s.UserId);
        builder.ToTable("solutions");
        builder.HasKey(s => new { s.UserId, s.ChallengeId, s.SubmissionId });
    }
}
