using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NpgsqlTypes;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Jobs.Data.Configurations;

internal sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    private const string _listed = "status = 'Open' AND withdrawn_at IS NULL";

    // Titles and tags are also kept unstemmed: the beginning of a word ("engineeri") need not be the beginning of its stem, and some names ("IT")
    // are stop words. Without positions, because they say no phrases that the stemmed words do not say. The stop word in front of a field keeps
    // phrases from reaching over into it from the field before.
    private const string _search =
        """
        setweight(to_tsvector('english', search_words(title)), 'A')
        || strip(to_tsvector('simple', search_words(title || ' ' || list_words(tags))))
        || setweight(to_tsvector('english', 'the ' || search_words(list_words(tags) || ' ' || list_words(requirements))), 'B')
        || setweight(to_tsvector('english', 'the ' || search_words(company_name)), 'C')
        || setweight(to_tsvector('english', 'the ' || search_words(description)), 'D')
        """;

    public void Configure(EntityTypeBuilder<Job> builder)
    {
        // A post is found, locked and joined by its id alone, of whatever company it is: no key would be in its queries (ADR 0025).
        builder.IsReferenceTable();
        builder.Property(j => j.CompanyName).HasMaxLength(200);
        builder.Property(j => j.Slug).HasMaxLength(100);
        builder.Property(j => j.Title).HasMaxLength(200);
        builder.Property(j => j.Location).HasMaxLength(200);
        builder.Property(j => j.Currency).HasMaxLength(3);
        builder.Property(j => j.Version).IsRowVersion();
        Computed(builder.Property<NpgsqlTsVector>(JobsDbContext.SearchColumn), _search.ReplaceLineEndings(" "));
        Computed(builder.Property<string>(JobsDbContext.NamesColumn), "title || ' ' || list_words(tags)");

        builder.HasOne<Company>().WithMany().HasForeignKey(j => j.CompanyId).OnDelete(DeleteBehavior.Restrict);
        builder.HasIndex(j => new { j.CompanyId, j.Slug }).IsUnique();
        builder.HasIndex(JobsDbContext.SearchColumn).HasMethod("gin").HasFilter(_listed);
        builder.HasIndex(JobsDbContext.NamesColumn).HasMethod("gin").HasOperators("gin_trgm_ops").HasFilter(_listed);
        builder.HasIndex(j => j.Location).HasMethod("gin").HasOperators("gin_trgm_ops").HasFilter(_listed);
        builder.HasIndex(j => new { j.CreatedAt, j.Id }).IsDescending().HasFilter(_listed);
        builder.ToTable(t => t.HasCheckConstraint("ck_jobs_salary", "salary_min <= salary_max"));
    }

    /// <summary>The database computes it and only searches in it: no save writes it or reads it back.</summary>
    private static void Computed<T>(PropertyBuilder<T> property, string sql)
    {
        property.HasComputedColumnSql(sql, stored: true).ValueGeneratedNever();
        property.Metadata.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
        property.Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
    }
}

internal sealed class SavedJobConfiguration : IEntityTypeConfiguration<SavedJob>
{
    public void Configure(EntityTypeBuilder<SavedJob> builder)
    {
        builder.IsDistributedBy(s => s.UserId);
        builder.HasKey(s => new { s.UserId, s.JobId });
        builder.HasOne<Job>().WithMany().HasForeignKey(s => s.JobId).OnDelete(DeleteBehavior.Cascade);
    }
}
