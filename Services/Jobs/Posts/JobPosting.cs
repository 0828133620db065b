using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

/// <summary>A post as schema.org describes it (https://schema.org/JobPosting), so that search engines and job boards can read it.</summary>
public sealed record JobPosting
{
    [JsonPropertyName("@context")]
    public string Context { get; } = "https://schema.org";

    [JsonPropertyName("@type")]
    public string Kind { get; } = "JobPosting";

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required JsonLdNode Identifier { get; init; }

    public required string DatePosted { get; init; }

    /// <summary>Until when applications were taken; absent while they are.</summary>
    public DateTime? ValidThrough { get; init; }

    public required string EmploymentType { get; init; }

    public required JsonLdNode HiringOrganization { get; init; }

    public required JsonLdNode JobLocation { get; init; }

    public JsonLdNode? BaseSalary { get; init; }

    public string? Qualifications { get; init; }

    public string? Skills { get; init; }

    /// <summary>Whether an application can be made on the platform itself.</summary>
    public required bool DirectApply { get; init; }

    internal static JobPosting Of(Job job, string? website) => new()
    {
        Title = job.Title,
        Description = job.Description,
        Identifier = new("PropertyValue") { ["name"] = job.CompanyName, ["value"] = job.Id },
        DatePosted = job.CreatedAt.ToString("yyyy-MM-dd"),
        ValidThrough = job.ClosedAt,
        EmploymentType = job.Type switch { JobType.FullTime => "FULL_TIME", JobType.PartTime => "PART_TIME", _ => "CONTRACTOR" },
        HiringOrganization = website is null
            ? new("Organization") { ["name"] = job.CompanyName }
            : new("Organization") { ["name"] = job.CompanyName, ["sameAs"] = website },
        JobLocation = new("Place") { ["address"] = new JsonLdNode("PostalAddress") { ["addressLocality"] = job.Location } },
        BaseSalary = job is { SalaryMin: { } min, SalaryMax: { } max, Currency: { } currency }
            ? new("MonetaryAmount")
            {
                ["currency"] = currency,
                ["value"] = new JsonLdNode("QuantitativeValue") { ["minValue"] = min, ["maxValue"] = max, ["unitText"] = "YEAR" },
            }
            : null,
        Qualifications = job.Requirements.Count == 0 ? null : string.Join("\n", job.Requirements),
        Skills = job.Tags.Count == 0 ? null : string.Join(", ", job.Tags),
        DirectApply = job.Status == JobStatus.Open,
    };
}

/// <summary>A nested thing of a JSON-LD document: its <c>@type</c> and its properties.</summary>
public sealed class JsonLdNode : Dictionary<string, object>
{
    public JsonLdNode(string type)
        : base(StringComparer.Ordinal) => this["@type"] = type;
}

/// <summary>200 with a <see cref="JobPosting"/> as <c>application/ld+json</c>, without the envelope; public, with a strong <c>ETag</c>.</summary>
public sealed class JobPostingDocument(JobPosting posting) : IResult, IEndpointMetadataProvider
{
    internal const string MediaType = "application/ld+json";

    private static readonly JsonSerializerOptions _json = new(ApiJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var tag = EntityTag.OfContent(posting);
        var response = httpContext.Response;
        response.Headers.ETag = tag;
        response.Headers.CacheControl = "public, max-age=60, stale-while-revalidate=300";
        if (EntityTag.Matches(httpContext.Request.Headers[HeaderNames.IfNoneMatch], tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        return response.WriteAsJsonAsync(posting, _json, MediaType, httpContext.RequestAborted);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(JobPosting), [MediaType]));
}
