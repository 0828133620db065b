using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Proofs;
using TalentSphere.Challenges.Solutions;
using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Data;

/// <summary>Challenges, their tests, and what was handed in.</summary>
public sealed class ChallengesDbContext(DbContextOptions<ChallengesDbContext> options) : DbContext(options)
{
    public DbSet<Challenge> Challenges => Set<Challenge>();

    public DbSet<TestCase> TestCases => Set<TestCase>();

    public DbSet<Solution> Solutions => Set<Solution>();

    public DbSet<SolutionCheck> Checks => Set<SolutionCheck>();

    public DbSet<Submission> Submissions => Set<Submission>();

    public DbSet<Judgement> Judgements => Set<Judgement>();

    public DbSet<VerdictKey> VerdictKeys => Set<VerdictKey>();

    /// <summary>Gives the challenge a new version because something that belongs to it changed, but nothing that programs are judged by.</summary>
    internal void Touch(Challenge challenge) => Entry(challenge).Property(c => c.UpdatedAt).IsModified = true;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ChallengesDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
