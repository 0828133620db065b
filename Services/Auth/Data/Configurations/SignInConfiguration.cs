using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Data.Configurations;

internal sealed class SignInConfiguration : IEntityTypeConfiguration<SignInFailure>, IEntityTypeConfiguration<SigningKey>
{
    public void Configure(EntityTypeBuilder<SignInFailure> builder)
    {
        builder.StaysLocal("Counted by what somebody typed, whether an account has it or not.");
        builder.HasKey(f => f.Key);
        builder.HasIndex(f => f.LastAt);
    }

    public void Configure(EntityTypeBuilder<SigningKey> builder)
    {
        builder.StaysLocal("A handful of rows that each process reads once.");
        builder.HasKey(k => k.Id);
    }
}
