using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Jobs.Applications;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Data.Configurations;

internal sealed class ApplicationConfiguration : IEntityTypeConfiguration<Application>
{
    public void Configure(EntityTypeBuilder<Application> builder)
    {
        builder.IsDistributedBy(a => a.JobId);
        builder.Property(a => a.ResumeUrl).HasMaxLength(2048);
        builder.Property(a => a.Version).IsRowVersion();
        builder.HasOne<Job>().WithMany().HasForeignKey(a => a.JobId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(a => new { a.JobId, a.UserId }).IsUnique();
        builder.HasIndex(a => new { a.UserId, a.CreatedAt });
    }
}
