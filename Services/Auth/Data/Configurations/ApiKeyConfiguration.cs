using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.ApiKeys;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.StaysLocal("Found by the id that stands in the key itself, before anybody knows whose it is.");
        builder.Property(k => k.Name).HasMaxLength(ApiKey.MaxName);
        builder.HasOne<Account>().WithMany().HasForeignKey(k => k.AccountId).OnDelete(DeleteBehavior.Cascade);
        builder.HasIndex(k => k.AccountId);
    }
}
