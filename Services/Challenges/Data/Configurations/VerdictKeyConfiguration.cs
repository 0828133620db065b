using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Challenges.Proofs;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Data.Configurations;

internal sealed class VerdictKeyConfiguration : IEntityTypeConfiguration<VerdictKey>
{
    public void Configure(EntityTypeBuilder<VerdictKey> builder)
    {
        builder.StaysLocal("A handful of rows that each process reads once.");
        builder.ToTable("verdict_keys");
        builder.HasKey(k => k.Id);
    }
}
