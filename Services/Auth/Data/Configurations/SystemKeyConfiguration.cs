using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.SystemKeys;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class SystemKeyConfiguration : IEntityTypeConfiguration<SystemKey>, IEntityTypeConfiguration<UsedNonce>
{
    public void Configure(EntityTypeBuilder<SystemKey> builder) => builder.Property(k => k.Name).HasMaxLength(SystemKey.MaxName);

    public void Configure(EntityTypeBuilder<UsedNonce> builder)
    {
        builder.HasKey(n => new { n.KeyId, n.Nonce });
        builder.HasIndex(n => n.Until);
    }
}
