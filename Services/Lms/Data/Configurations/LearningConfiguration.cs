using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Lms.Certificates;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Learning;
using TalentSphere.Lms.Outline;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Data.Configurations;

internal sealed class LearningConfiguration :
    IEntityTypeConfiguration<Enrollment>, IEntityTypeConfiguration<LessonCompletion>, IEntityTypeConfiguration<Certificate>
{
    public void Configure(EntityTypeBuilder<Enrollment> builder)
    {
        builder.StaysLocal("Its completed lessons name it and not its learner: both are distributed by the learner once a release writes that too (ADR 0025).");
        // A course with learners is not deleted under them.
        builder.HasOne<Course>().WithMany().HasForeignKey(e => e.CourseId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(e => new { e.UserId, e.CourseId }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<LessonCompletion> builder)
    {
        builder.StaysLocal("Lies with its enrollment.");
        builder.HasKey(c => new { c.EnrollmentId, c.LessonId });
        builder.HasOne<Enrollment>().WithMany(e => e.Completions).HasForeignKey(c => c.EnrollmentId);
        builder.HasOne<Lesson>().WithMany().HasForeignKey(c => c.LessonId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<Certificate> builder)
    {
        builder.StaysLocal("Whoever verifies one knows its serial, which is unique among all, and not its learner.");
        builder.Property(c => c.Serial).HasMaxLength(24);
        builder.Property(c => c.CourseTitle).HasMaxLength(200);
        builder.HasIndex(c => c.Serial).IsUnique();
        // One per learner and course, whatever else goes wrong. No foreign keys: a certificate outlives what it speaks of.
        builder.HasIndex(c => new { c.UserId, c.CourseId }).IsUnique();
    }
}
