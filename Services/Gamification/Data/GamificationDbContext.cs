using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Badges;
using TalentSphere.Gamification.Points;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Data;

/// <summary>The ledger and what is derived from it.</summary>
public sealed class GamificationDbContext(DbContextOptions<GamificationDbContext> options) : DbContext(options)
{
    public DbSet<Learner> Learners => Set<Learner>();

    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    public DbSet<Solution> Solutions => Set<Solution>();

    public DbSet<EarnedBadge> EarnedBadges => Set<EarnedBadge>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(GamificationDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
