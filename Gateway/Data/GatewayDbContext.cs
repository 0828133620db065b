using Microsoft.EntityFrameworkCore;
using TalentSphere.Gateway.Edge.Flags;
using TalentSphere.Gateway.Edge.HotConfiguration;
using TalentSphere.Gateway.Edge.Usage;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gateway.Data;

/// <summary>What operators set at the edge while it runs, and what was counted there. No request waits for it.</summary>
public sealed class GatewayDbContext(DbContextOptions<GatewayDbContext> options) : DbContext(options)
{
    public DbSet<StoredFlag> Flags => Set<StoredFlag>();

    public DbSet<FlagChange> FlagChanges => Set<FlagChange>();

    public DbSet<ConfigurationVersion> ConfigurationVersions => Set<ConfigurationVersion>();

    public DbSet<UsageDay> Usage => Set<UsageDay>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GatewayDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
