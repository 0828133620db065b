using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>An overlay as it was set; the highest number is the one in force. Never changed, but for the ids of those who were erased.</summary>
public sealed class ConfigurationVersion
{
    /// <summary>From 1, without a gap; 0 is the deployed configuration as it is.</summary>
    public int Number { get; init; }

    /// <summary>The overlay, JSON.</summary>
    public required string Document { get; init; }

    public DateTime At { get; init; }

    /// <summary>Who set it; null once they were erased.</summary>
    public Guid? Actor { get; init; }

    public string? Note { get; init; }
}

internal sealed class ConfigurationVersionConfiguration : IEntityTypeConfiguration<ConfigurationVersion>
{
    public void Configure(EntityTypeBuilder<ConfigurationVersion> builder)
    {
        builder.StaysLocal("What operators set: each replica of the gateway reads all of it.");
        builder.ToTable("configuration_versions");
        builder.HasKey(v => v.Number);
        builder.Property(v => v.Number).ValueGeneratedNever();
        builder.Property(v => v.Document).HasColumnType("jsonb");
        builder.Property(v => v.Note).HasMaxLength(500);
    }
}
