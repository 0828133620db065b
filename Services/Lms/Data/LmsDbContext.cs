using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Certificates;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Learning;
using TalentSphere.Lms.Outline;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Data;

/// <summary>The lms database.</summary>
public sealed class LmsDbContext(DbContextOptions<LmsDbContext> options) : DbContext(options)
{
    public DbSet<Course> Courses => Set<Course>();

    public DbSet<Section> Sections => Set<Section>();

    public DbSet<Lesson> Lessons => Set<Lesson>();

    public DbSet<Enrollment> Enrollments => Set<Enrollment>();

    public DbSet<LessonCompletion> LessonCompletions => Set<LessonCompletion>();

    public DbSet<Certificate> Certificates => Set<Certificate>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.UseMeshConventions();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(LmsDbContext).Assembly);
        modelBuilder.AddMessagingTables();
        modelBuilder.AddErasedSubjects();
        modelBuilder.UseMeshConventions();
    }
}
