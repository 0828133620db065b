using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class MailConfiguration : IEntityTypeConfiguration<PendingMail>, IEntityTypeConfiguration<OneTimeLink>
{
    public void Configure(EntityTypeBuilder<PendingMail> builder)
    {
        builder.StaysLocal("A queue over everybody's, claimed with SKIP LOCKED.");
        // Who is erased gets no mail any more.
        builder.HasOne<Account>().WithMany().HasForeignKey(m => m.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(m => m.NextTryAt);
        builder.HasIndex(m => m.AccountId);
    }

    public void Configure(EntityTypeBuilder<OneTimeLink> builder)
    {
        builder.StaysLocal("Found by a secret's digest, which is unique among everybody's and names nobody.");
        builder.HasOne<Account>().WithMany().HasForeignKey(l => l.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.Property(l => l.Email).HasMaxLength(EmailAddress.MaxLength);
        builder.HasIndex(l => l.SecretHash).IsUnique();
        builder.HasIndex(l => new { l.AccountId, l.Purpose });
        builder.HasIndex(l => l.ExpiresAt);
    }
}
