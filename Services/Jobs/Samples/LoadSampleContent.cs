using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Jobs.Companies;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Posts;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Samples;

/// <summary>
/// Fills a development mesh with companies and posts from <c>SampleContent/companies/*.json</c>. What was loaded before is found by its slug and left as it
/// is. No events: nobody subscribed to hear of samples. Switched by <c>SampleContent:Load</c>, on in Development.
/// </summary>
public sealed partial class LoadSampleContent(
    JobsDbContext db, IConfiguration configuration, IHostEnvironment environment, ILogger<LoadSampleContent> logger) : IStartupTask
{
    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        if (!SampleContent.IsWanted(configuration, environment))
            return;
        var companies = await ReadAsync(Path.Combine(SampleContent.Folder, "companies"), cancellationToken);
        if (await FindMissingAsync(companies, cancellationToken) == 0)
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SampleContent.TakeTurnAsync(db, cancellationToken);
        // Again under the lock: another replica may have been quicker.
        var added = await FindMissingAsync(companies, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Loaded(logger, added);
    }

    /// <summary>Adds to the context, without saving, what the database does not have.</summary>
    private async Task<int> FindMissingAsync(IReadOnlyList<SampleCompany> samples, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Clear();
        var companies = await db.Companies.AsNoTracking().Where(c => c.Slug != null).Select(c => new { c.Slug, c.Id, c.Name })
            .ToDictionaryAsync(c => c.Slug!, cancellationToken);
        var posts = (await db.Jobs.AsNoTracking().Where(j => j.Slug != null).Select(j => new { j.CompanyId, j.Slug }).ToListAsync(cancellationToken))
            .Select(j => (j.CompanyId, j.Slug)).ToHashSet();
        var missing = 0;
        foreach (var sample in samples)
        {
            var (id, name) = companies.TryGetValue(sample.Slug, out var known) ? (known.Id, known.Name) : (Guid.CreateVersion7(), sample.Name);
            if (known is null)
            {
                missing++;
                db.Companies.Add(sample.ToCompany(id));
            }
            foreach (var post in sample.Posts.Where(p => !posts.Contains((id, p.Slug))))
            {
                missing++;
                db.Jobs.Add(post.ToJob(id, name));
            }
        }
        return missing;
    }

    private static async Task<IReadOnlyList<SampleCompany>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            return [];
        var companies = new List<SampleCompany>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            await using var file = File.OpenRead(path);
            companies.Add(await JsonSerializer.DeserializeAsync<SampleCompany>(file, ApiJson.Options, cancellationToken)
                ?? throw new InvalidDataException($"{Path.GetFileName(path)} holds no company."));
        }
        return companies;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Count} sample companies and posts")]
    private static partial void Loaded(ILogger logger, int count);
}

internal sealed record SampleCompany(
    string Slug, string Name, string? Website, string? Industry, string? Size, string? Location, string? Description, IReadOnlyList<SamplePost> Posts)
{
    public Company ToCompany(Guid id) => new()
    {
        Id = id,
        OwnerId = SystemAccount.Id,
        Slug = Slug,
        Name = Name,
        Website = Website,
        Industry = Industry,
        Size = Size,
        Location = Location,
        Description = Description,
    };
}

internal sealed record SamplePost(
    string Slug, string Title, string Description, IReadOnlyList<string> Requirements, string Location, JobType Type, SalaryView? Salary,
    IReadOnlyList<string> Tags)
{
    public Job ToJob(Guid companyId, string companyName) => new()
    {
        Id = Guid.CreateVersion7(),
        CompanyId = companyId,
        CompanyName = companyName,
        Slug = Slug,
        Title = Title,
        Description = Description,
        Requirements = [.. Requirements],
        Location = Location,
        SalaryMin = Salary?.Min,
        SalaryMax = Salary?.Max,
        Currency = Salary?.Currency,
        Type = Type,
        Tags = [.. Tags],
    };
}
