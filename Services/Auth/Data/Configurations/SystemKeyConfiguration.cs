using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.SystemKeys;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class SystemKeyConfiguration : IEntityTypeConfiguration<SystemKey>, IEntityTypeConfiguration<UsedNonce>
{
    public void Configure(EntityTypeBuilder<SystemKey> builder)
    {
        builder.StaysLocal("A handful of rows that belong to no account.");
        builder.Property(k => k.Name).HasMaxLength(SystemKey.MaxName);
    }

    public void Configure(EntityTypeBuilder<UsedNonce> builder)
    {
        builder.StaysLocal("Lives for minutes, and belongs to no account.");
        builder.HasKey(n => new { n.KeyId, n.Nonce });
        builder.HasIndex(n => n.Until);
    }
}
