using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Jobs.Companies;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Data.Configurations;

internal sealed class CompanyConfiguration : IEntityTypeConfiguration<Company>
{
    public void Configure(EntityTypeBuilder<Company> builder)
    {
        // Every post and every application is read with its company.
        builder.IsReferenceTable();
        builder.Property(c => c.Slug).HasMaxLength(100);
        builder.Property(c => c.Name).HasMaxLength(200);
        builder.Property(c => c.Website).HasMaxLength(2048);
        builder.Property(c => c.Industry).HasMaxLength(100);
        builder.Property(c => c.Size).HasMaxLength(20);
        builder.Property(c => c.Location).HasMaxLength(200);
        builder.Property(c => c.Version).IsRowVersion();
        builder.HasIndex(c => c.Slug).IsUnique();
        builder.HasIndex(c => c.OwnerId);
        builder.HasIndex(c => c.Name).HasMethod("gin").HasOperators("gin_trgm_ops");
    }
}

internal sealed class ReviewConfiguration : IEntityTypeConfiguration<Review>
{
    public void Configure(EntityTypeBuilder<Review> builder)
    {
        builder.IsDistributedBy(r => r.CompanyId);
        builder.HasOne<Company>().WithMany().HasForeignKey(r => r.CompanyId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(r => new { r.CompanyId, r.UserId }).IsUnique();
        builder.HasIndex(r => r.UserId);
    }
}
