using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Outline;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Data.Configurations;

internal sealed class CourseConfiguration :
    IEntityTypeConfiguration<Course>, IEntityTypeConfiguration<Section>, IEntityTypeConfiguration<Lesson>, IEntityTypeConfiguration<LessonText>
{
    public void Configure(EntityTypeBuilder<Course> builder)
    {
        builder.StaysLocal("Joined with what learners do, which stays on the coordinator.");
        builder.Property(c => c.Slug).HasMaxLength(100);
        builder.Property(c => c.Title).HasMaxLength(200);
        builder.Property(c => c.Summary).HasMaxLength(500);
        builder.Property(c => c.Description).HasMaxLength(20_000);
        builder.Property(c => c.Language).HasMaxLength(35);
        builder.Property(c => c.Version).IsRowVersion();
        builder.HasIndex(c => c.Slug).IsUnique();
        builder.HasIndex(c => c.OwnerId);
        builder.HasIndex(c => c.PublishedAt);
    }

    public void Configure(EntityTypeBuilder<Section> builder)
    {
        builder.StaysLocal("Joined with what learners do, which stays on the coordinator.");
        builder.Property(s => s.Title).HasMaxLength(200);
        builder.HasOne<Course>().WithMany(c => c.Sections).HasForeignKey(s => s.CourseId);
    }

    public void Configure(EntityTypeBuilder<Lesson> builder)
    {
        builder.StaysLocal("Joined with what learners do, which stays on the coordinator.");
        builder.Property(l => l.Title).HasMaxLength(200);
        builder.Property(l => l.Version).IsRowVersion();
        builder.HasOne<Section>().WithMany(s => s.Lessons).HasForeignKey(l => l.SectionId);
        builder.HasOne<Course>().WithMany().HasForeignKey(l => l.CourseId);
        builder.HasOne(l => l.Text).WithOne().HasForeignKey<LessonText>(t => t.LessonId);
    }

    public void Configure(EntityTypeBuilder<LessonText> builder)
    {
        builder.StaysLocal("Joined with what learners do, which stays on the coordinator.");
        builder.ToTable("lesson_texts");
        builder.HasKey(t => t.LessonId);
        builder.Property(t => t.Content).HasMaxLength(100_000);
    }
}
