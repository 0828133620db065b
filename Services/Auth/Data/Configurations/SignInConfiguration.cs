using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class SignInConfiguration : IEntityTypeConfiguration<SignInFailure>, IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SignInFailure> builder)
    {
        builder.HasKey(f => f.Key);
        builder.HasIndex(f => f.LastAt);
    }

    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.HasKey(k => k.Id);
    }
}
