using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Erasure;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class ErasureConfiguration : IEntityTypeConfiguration<ErasureCase>, IEntityTypeConfiguration<ErasureAnswer>
{
    public void Configure(EntityTypeBuilder<ErasureCase> builder)
    {
        builder.StaysLocal("Found by a receipt, which is unique among everybody's; one for each account that goes.");
        // No foreign key to the account: the case begins with its end.
        builder.HasKey(e => e.UserId);
        builder.Property(e => e.UserId).ValueGeneratedNever();
        builder.HasIndex(e => e.ReceiptHash).IsUnique();
        builder.HasMany(e => e.Answers).WithOne().HasForeignKey(a => a.UserId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ErasureAnswer> builder)
    {
        builder.StaysLocal("Lies with its case.");
        builder.ToTable("erasure_answers");
        builder.HasKey(a => new { a.UserId, a.Service });
        builder.Property(a => a.Service).HasMaxLength(50);
    }
}
