using System.ComponentModel.DataAnnotations;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Jobs.Companies;

/// <summary>A company as its owner describes it; what is left out is unknown.</summary>
public sealed record CompanyRequest
{
    /// <summary>1..200 characters.</summary>
    [Required, Text(200)]
    public string? Name { get; init; }

    /// <summary>An absolute http or https address.</summary>
    [HttpAddress]
    public string? Website { get; init; }

    /// <summary>At most 100 characters.</summary>
    [Text(100)]
    public string? Industry { get; init; }

    /// <summary>People: <c>1-10</c>, <c>11-50</c>, <c>51-200</c>, <c>201-1000</c> or <c>1000+</c>.</summary>
    [AllowedValues(null, "", "1-10", "11-50", "51-200", "201-1000", "1000+", ErrorMessage = "must be one of 1-10, 11-50, 51-200, 201-1000, 1000+")]
    public string? Size { get; init; }

    /// <summary>At most 200 characters.</summary>
    [Text(200)]
    public string? Location { get; init; }

    /// <summary>Markdown, at most 10,000 characters.</summary>
    [Text(10_000, Lines = true)]
    public string? Description { get; init; }

    internal void ApplyTo(Company company)
    {
        company.Name = Name!.Trim();
        company.Website = PlainText.Clean(Website);
        company.Industry = PlainText.Clean(Industry);
        company.Size = PlainText.Clean(Size);
        company.Location = PlainText.Clean(Location);
        company.Description = PlainText.Clean(Description);
    }
}
