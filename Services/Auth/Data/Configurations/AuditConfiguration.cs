using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Sessions;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEntry>, IEntityTypeConfiguration<AuditOrigin>, IEntityTypeConfiguration<AuditHead>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.StaysLocal("One chain over all accounts, each entry sealed with the one before.");
        builder.HasKey(e => e.Sequence);
        builder.Property(e => e.Sequence).ValueGeneratedNever();
        builder.Property(e => e.Act).HasMaxLength(40);
        builder.Property(e => e.Detail).HasMaxLength(AuditEntry.MaxDetail);
        builder.Property(e => e.CorrelationId).HasMaxLength(Correlation.MaxLength);
        builder.HasIndex(e => new { e.ActorId, e.Sequence });
        builder.HasIndex(e => new { e.TargetId, e.Sequence });
        builder.HasIndex(e => new { e.Act, e.Sequence });
        builder.HasIndex(e => e.At);
    }

    public void Configure(EntityTypeBuilder<AuditOrigin> builder)
    {
        builder.StaysLocal("Lies with its entry of the audit.");
        builder.HasKey(o => o.Sequence);
        builder.Property(o => o.Sequence).ValueGeneratedNever();
        builder.Property(o => o.IpAddress).HasMaxLength(45);
        builder.Property(o => o.UserAgent).HasMaxLength(Caller.MaxUserAgent);
        builder.HasOne<AuditEntry>().WithOne().HasForeignKey<AuditOrigin>(o => o.Sequence).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(o => o.SubjectId);
        builder.HasIndex(o => o.EmailDigest);
    }

    public void Configure(EntityTypeBuilder<AuditHead> builder)
    {
        builder.StaysLocal("One row, which every entry of the audit locks.");
        builder.ToTable("audit_head");
        builder.Property(h => h.Id).ValueGeneratedNever();
        builder.HasData(new AuditHead { Sequence = 0, Hash = AuditChain.Beginning });
    }
}
