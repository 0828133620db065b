using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gateway.Edge.Usage;

/// <summary>What one account, or nobody, asked of one route on one day (UTC).</summary>
public sealed class UsageDay
{
    public DateOnly Day { get; init; }

    /// <summary>The account; all zeros: not signed in.</summary>
    public Guid UserId { get; init; }

    /// <summary>The proxy's route, or the template of one of the gateway's own.</summary>
    public required string Route { get; init; }

    public long Requests { get; init; }

    /// <summary>Answers of 400 to 499.</summary>
    public long ClientErrors { get; init; }

    /// <summary>Answers of 500 and more.</summary>
    public long ServerErrors { get; init; }

    /// <summary>Of all requests together.</summary>
    public double DurationMs { get; init; }

    /// <summary>Of the longest.</summary>
    public double MaxDurationMs { get; init; }
}

internal sealed class UsageDayConfiguration : IEntityTypeConfiguration<UsageDay>
{
    public void Configure(EntityTypeBuilder<UsageDay> builder)
    {
        builder.StaysLocal("Counted up once a minute and read by day, over everybody.");
        builder.ToTable("usage_daily");
        builder.HasKey(u => new { u.Day, u.UserId, u.Route });
        builder.Property(u => u.Route).HasMaxLength(200);
        builder.HasIndex(u => new { u.UserId, u.Day });
    }
}
