using System.ComponentModel.DataAnnotations;
using TalentSphere.Jobs.Validation;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Jobs.Posts;

/// <summary>What a post says; it replaces what the post said before.</summary>
public record JobRequest
{
    /// <summary>1..200 characters.</summary>
    [Required, Text(200)]
    public string? Title { get; init; }

    /// <summary>Markdown, 1..20,000 characters.</summary>
    [Required, Text(20_000, Lines = true)]
    public string? Description { get; init; }

    /// <summary>At most 50 of 1..500 characters.</summary>
    [TextList(50, 500)]
    public IReadOnlyList<string?>? Requirements { get; init; }

    /// <summary>1..200 characters.</summary>
    [Required, Text(200)]
    public string? Location { get; init; }

    /// <summary>Left out when the post does not tell.</summary>
    public SalaryRequest? Salary { get; init; }

    /// <summary>How the job is held.</summary>
    [Required]
    public JobType? Type { get; init; }

    /// <summary>At most 20 of 1..50 characters.</summary>
    [TextList(20, 50)]
    public IReadOnlyList<string?>? Tags { get; init; }

    internal void ApplyTo(Job job)
    {
        job.Title = Title!.Trim();
        job.Description = Description!.Trim();
        job.Requirements = [.. (Requirements ?? []).Select(r => r!.Trim())];
        job.Location = Location!.Trim();
        job.SalaryMin = Salary?.Min;
        job.SalaryMax = Salary?.Max;
        job.Currency = Salary is null ? null : PlainText.Clean(Salary.Currency)?.ToUpperInvariant() ?? SalaryRequest.DefaultCurrency;
        job.Type = Type!.Value;
        job.Tags = [.. (Tags ?? []).Select(t => t!.Trim().ToLowerInvariant()).Distinct()];
    }
}

/// <summary>A new post.</summary>
public sealed record PostJobRequest : JobRequest
{
    /// <summary>A company of the caller.</summary>
    [Required]
    public Guid? CompanyId { get; init; }
}

/// <summary>A salary range a year.</summary>
public sealed record SalaryRequest
{
    internal const string DefaultCurrency = "EUR";

    /// <summary>0..10,000,000 whole units.</summary>
    [Required, Range(0, 10_000_000)]
    public int? Min { get; init; }

    /// <summary>0..10,000,000 whole units, not below <see cref="Min"/>.</summary>
    [Required, Range(0, 10_000_000), NotBelow(nameof(JobRequest.Salary), nameof(Min))]
    public int? Max { get; init; }

    /// <summary>ISO 4217; <c>EUR</c> when left out.</summary>
    [RegularExpression("^\\s*[A-Za-z]{3}\\s*$", ErrorMessage = "must be a currency code of three letters (ISO 4217)")]
    public string? Currency { get; init; }
}
