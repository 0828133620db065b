using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>A flag's row.</summary>
public sealed class StoredFlag : ITimestamped
{
    public required string Key { get; init; }

    /// <summary>A <see cref="FeatureFlag"/> as JSON.</summary>
    public required string Definition { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public uint Version { get; private set; }

    internal FeatureFlag Read() => Read(Definition);

    internal static FeatureFlag Read(string definition) => JsonSerializer.Deserialize<FeatureFlag>(definition, ApiJson.Options)!;

    internal static string Write(FeatureFlag flag) => JsonSerializer.Serialize(flag, ApiJson.Options);
}

/// <summary>One change of a flag; never changed itself, but for the ids of those who were erased.</summary>
public sealed class FlagChange
{
    public Guid Id { get; init; }

    public required string Key { get; init; }

    public DateTime At { get; init; }

    /// <summary>Who did it; null once they were erased.</summary>
    public Guid? Actor { get; init; }

    /// <summary>The flag before; null: there was none.</summary>
    public string? Before { get; init; }

    /// <summary>The flag after; null: it was deleted.</summary>
    public string? After { get; init; }
}

internal sealed class StoredFlagConfiguration : IEntityTypeConfiguration<StoredFlag>
{
    public void Configure(EntityTypeBuilder<StoredFlag> builder)
    {
        builder.StaysLocal("What operators set: each replica of the gateway reads all of it.");
        builder.ToTable("feature_flags");
        builder.HasKey(f => f.Key);
        builder.Property(f => f.Key).HasMaxLength(64);
        builder.Property(f => f.Definition).HasColumnType("jsonb");
        builder.Property(f => f.Version).IsRowVersion();
    }
}

internal sealed class FlagChangeConfiguration : IEntityTypeConfiguration<FlagChange>
{
    public void Configure(EntityTypeBuilder<FlagChange> builder)
    {
        builder.StaysLocal("What operators set: each replica of the gateway reads all of it.");
        builder.ToTable("feature_flag_changes");
        builder.HasKey(c => c.Id);
        builder.Property(c => c.Key).HasMaxLength(64);
        builder.Property(c => c.Before).HasColumnType("jsonb");
        builder.Property(c => c.After).HasColumnType("jsonb");
        builder.HasIndex(c => new { c.Key, c.Id });
    }
}
