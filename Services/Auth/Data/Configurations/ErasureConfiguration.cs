using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Erasure;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class ErasureConfiguration : IEntityTypeConfiguration<ErasureCase>, IEntityTypeConfiguration<ErasureAnswer>
{
    public void Configure(EntityTypeBuilder<ErasureCase> builder)
    {
        // No foreign key to the account: the case begins with its end.
        builder.HasKey(e => e.UserId);
        builder.Property(e => e.UserId).ValueGeneratedNever();
        builder.HasIndex(e => e.ReceiptHash).IsUnique();
        builder.HasMany(e => e.Answers).WithOne().HasForeignKey(a => a.UserId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<ErasureAnswer> builder)
    {
        builder.ToTable("erasure_answers");
        builder.HasKey(a => new { a.UserId, a.Service });
        builder.Property(a => a.Service).HasMaxLength(50);
    }
}
