using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Lms.Certificates;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Learning;
using TalentSphere.Lms.Outline;

namespace TalentSphere.Lms.Data.Configurations;

internal sealed class LearningConfiguration :
    IEntityTypeConfiguration<Enrollment>, IEntityTypeConfiguration<LessonCompletion>, IEntityTypeConfiguration<Certificate>
{
    public void Configure(EntityTypeBuilder<Enrollment> builder)
    {
        // A course with learners is not deleted under them.
        builder.HasOne<Course>().WithMany().HasForeignKey(e => e.CourseId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(e => new { e.UserId, e.CourseId }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<LessonCompletion> builder)
    {
        builder.HasKey(c => new { c.EnrollmentId, c.LessonId });
        builder.HasOne<Enrollment>().WithMany(e => e.Completions).HasForeignKey(c => c.EnrollmentId);
        builder.HasOne<Lesson>().WithMany().HasForeignKey(c => c.LessonId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Certificate> builder)
    {
        builder.Property(c => c.Serial).HasMaxLength(24);
        builder.Property(c => c.CourseTitle).HasMaxLength(200);
        builder.HasIndex(c => c.Serial).IsUnique();
        // One per learner and course, whatever else goes wrong. No foreign keys: a certificate outlives what it speaks of.
        builder.HasIndex(c => new { c.UserId, c.CourseId }).IsUnique();
    }
}
