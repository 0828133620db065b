using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Proofs;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class VerdictKeyConfiguration : IEntityTypeConfiguration<VerdictKey>
{
    public void Configure(EntityTypeBuilder<VerdictKey> builder)
    {
        builder.ToTable("verdict_keys");
        builder.HasKey(k => k.Id);
    }
}
