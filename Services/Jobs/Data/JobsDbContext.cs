using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Applications;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Jobs.Data;

/// <summary>The jobs service's database.</summary>
public sealed class JobsDbContext(DbContextOptions<JobsDbContext> options) : DbContext(options)
{
    /// <summary>The words of a post by weight: title A, requirements and tags B, company C, description D.</summary>
    internal const string SearchColumn = "Search";

    /// <summary>Title and tags as text: where typing errors are forgiven.</summary>
    internal const string NamesColumn = "Names";

    public DbSet<Company> Companies => Set<Company>();

    public DbSet<Review> Reviews => Set<Review>();

    public DbSet<Job> Jobs => Set<Job>();

    public DbSet<SavedJob> SavedJobs => Set<SavedJob>();

    public DbSet<Application> Applications => Set<Application>();

    /// <summary>A company for changing, locked until the transaction ends.</summary>
    internal Task<Company?> LockCompanyAsync(Guid id, CancellationToken cancellationToken) =>
        Companies.FromSql($"SELECT *, xmin FROM companies WHERE id = {id} AND withdrawn_at IS NULL FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    /// <summary>A post for changing, locked until the transaction ends.</summary>
    internal Task<Job?> LockJobAsync(Guid id, CancellationToken cancellationToken) =>
        Jobs.FromSql($"SELECT *, xmin FROM jobs WHERE id = {id} AND withdrawn_at IS NULL FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasPostgresExtension("pg_trgm");
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(JobsDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
