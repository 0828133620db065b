using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Accounts;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.StaysLocal("An e-mail address is one account's among all of them, and whoever signs in has nothing but that.");
        builder.Property(a => a.Email).HasMaxLength(EmailAddress.MaxLength);
        builder.HasIndex(a => a.Email).IsUnique();
        builder.Property(a => a.Name).HasMaxLength(Account.MaxNameLength);
        builder.Property(a => a.PasswordHash).HasMaxLength(200);
        builder.Property(a => a.Version).IsRowVersion();
        builder.Ignore(a => a.IsAdmin);
    }
}
