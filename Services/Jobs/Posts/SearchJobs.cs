using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NpgsqlTypes;
using TalentSphere.Jobs.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

/// <summary>What a candidate looks for; everything may be left out.</summary>
/// <param name="Q">Words, at most 200 characters; <c>"phrases"</c>, <c>-without</c> and <c>or</c> as in web search engines.</param>
/// <param name="Location">A part of the location.</param>
/// <param name="Type">How the job is held: <c>full-time</c>, <c>part-time</c> or <c>contract</c>.</param>
/// <param name="SalaryMin">Jobs that may pay as much a year, whatever the currency.</param>
/// <param name="Company">A company's id, or a part of its name.</param>
/// <param name="Sort"><c>relevance</c> (the default; without words the same as newest), <c>newest</c> or <c>salary</c> (best paid first).</param>
public readonly record struct JobSearch(string? Q, string? Location, string? Type, int? SalaryMin, string? Company, string? Sort);

internal static class SearchJobs
{
    private const float _titleLikeness = 0.2f;

    private static readonly string[] _sorts = ["relevance", "newest", "salary"];
    private static readonly string[] _types = [.. Enum.GetNames<JobType>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    public static async Task<Results<ApiPage<JobSummary>, ApiProblem>> HandleAsync(
        [AsParameters] JobSearch search, [AsParameters] Paging paging, JobsDbContext db, CancellationToken cancellationToken)
    {
        var faults = FindFaults(search);
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);
        var jobs = Filter(db.Jobs.AsNoTracking().Where(j => j.Status == JobStatus.Open && j.WithdrawnAt == null), search);
        if (SearchTerms.Parse(search.Q) is not { } terms)
            return await PageAsync(jobs, Sort(jobs, search.Sort, null), paging, cancellationToken);

        var exact = jobs.Where(j =>
            EF.Property<NpgsqlTsVector>(j, JobsDbContext.SearchColumn).Matches(EF.Functions.WebSearchToTsQuery("english", terms.WebSearch)
                .Or(EF.Functions.ToTsQuery("english", terms.Unfinished)).Or(EF.Functions.ToTsQuery("simple", terms.Unfinished))));
        var total = await exact.LongCountAsync(cancellationToken);
        if (total > 0 || terms.Forgiven.Count == 0)
        {
            var ranked = exact.OrderByDescending(j =>
                    EF.Property<NpgsqlTsVector>(j, JobsDbContext.SearchColumn).Rank(EF.Functions.WebSearchToTsQuery("english", terms.WebSearch)
                        .Or(EF.Functions.ToTsQuery("english", terms.Unfinished)).Or(EF.Functions.ToTsQuery("simple", terms.Unfinished)))
                    + (_titleLikeness * (float)EF.Functions.TrigramsSimilarity(j.Title, terms.WebSearch)));
            return await PageAsync(total, Sort(exact, search.Sort, ranked), paging, cancellationToken);
        }
        return await ForgiveAsync(jobs, search, terms, paging, db, cancellationToken);
    }

    /// <summary>Only when nothing holds the words as typed: every word of some length must be near to a word of the title or the tags.</summary>
    private static async Task<ApiPage<JobSummary>> ForgiveAsync(
        IQueryable<Job> jobs, JobSearch search, SearchTerms terms, Paging paging, JobsDbContext db, CancellationToken cancellationToken)
    {
        // The operator that the index answers compares with this setting, and local settings end with the transaction.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true)", cancellationToken);
        foreach (var word in terms.Forgiven)
        {
            var spellings = SearchTerms.Spellings(word);
            jobs = jobs.Where(j => EF.Functions.ToTsQuery("english", word).GetNodeCount() == 0
                || EF.Functions.TrigramsAreWordSimilar(word, EF.Property<string>(j, JobsDbContext.NamesColumn))
                || EF.Property<NpgsqlTsVector>(j, JobsDbContext.SearchColumn).Matches(EF.Functions.ToTsQuery("english", spellings)
                    .Or(EF.Functions.ToTsQuery("simple", spellings))));
        }
        var all = string.Join(' ', terms.Forgiven);
        var ranked = jobs.OrderByDescending(j => EF.Functions.TrigramsSimilarity(all, EF.Property<string>(j, JobsDbContext.NamesColumn)));
        return await PageAsync(jobs, Sort(jobs, search.Sort, ranked), paging, cancellationToken);
    }

    private static List<FailureDetail> FindFaults(JobSearch search)
    {
        var faults = new List<FailureDetail>();
        foreach (var (field, text) in new[] { ("q", search.Q), ("location", search.Location), ("company", search.Company) })
        {
            if (text?.Length > SearchTerms.MaxLength)
                faults.Add(new(field, $"must be at most {SearchTerms.MaxLength} characters long"));
        }
        if (search.Type is { Length: > 0 } type && !_types.Contains(type))
            faults.Add(new("type", "must be one of " + string.Join(", ", _types)));
        if (search.SalaryMin < 0)
            faults.Add(new("salaryMin", "must not be negative"));
        if (search.Sort is { Length: > 0 } sort && !_sorts.Contains(sort))
            faults.Add(new("sort", "must be one of " + string.Join(", ", _sorts)));
        return faults;
    }

    private static IQueryable<Job> Filter(IQueryable<Job> jobs, JobSearch search)
    {
        if (SearchTerms.Readable(search.Location) is { } location)
        {
            var pattern = Like.Contains(location);
            jobs = jobs.Where(j => EF.Functions.ILike(j.Location, pattern, Like.Escape));
        }
        if (search.Type is { Length: > 0 } name)
        {
            var type = (JobType)Array.IndexOf(_types, name);
            jobs = jobs.Where(j => j.Type == type);
        }
        if (search.SalaryMin is { } salary)
            jobs = jobs.Where(j => j.SalaryMax >= salary);
        if (SearchTerms.Readable(search.Company) is { } company)
        {
            var pattern = Like.Contains(company);
            jobs = Guid.TryParse(company, out var id)
                ? jobs.Where(j => j.CompanyId == id)
                : jobs.Where(j => EF.Functions.ILike(j.CompanyName, pattern, Like.Escape));
        }
        return jobs;
    }

    private static IOrderedQueryable<Job> Sort(IQueryable<Job> jobs, string? sort, IOrderedQueryable<Job>? ranked)
    {
        var first = sort switch
        {
            "salary" => jobs.OrderByDescending(j => j.SalaryMax ?? -1).ThenByDescending(j => j.CreatedAt),
            "newest" => jobs.OrderByDescending(j => j.CreatedAt),
            _ => ranked?.ThenByDescending(j => j.CreatedAt) ?? jobs.OrderByDescending(j => j.CreatedAt),
        };
        return first.ThenByDescending(j => j.Id);
    }

    private static async Task<ApiPage<JobSummary>> PageAsync(IQueryable<Job> all, IQueryable<Job> sorted, Paging paging, CancellationToken cancellationToken) =>
        await PageAsync(await all.LongCountAsync(cancellationToken), sorted, paging, cancellationToken);

    private static async Task<ApiPage<JobSummary>> PageAsync(long total, IQueryable<Job> sorted, Paging paging, CancellationToken cancellationToken)
    {
        IReadOnlyList<JobSummary> page = total <= paging.Skip
            ? []
            : await sorted.Skip(paging.Skip).Take(paging.Size).Select(JobSummary.Projection).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total).Public();
    }
}
