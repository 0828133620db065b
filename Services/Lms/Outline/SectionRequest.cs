using System.ComponentModel.DataAnnotations;
using TalentSphere.Lms.Courses;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Lms.Outline;

/// <summary>A section as its author wants it.</summary>
public sealed record SectionRequest
{
    [Required]
    [Text(200)]
    public string? Title { get; init; }

    /// <summary>Its place in the course, from 1; absent: last when new, else where it is.</summary>
    [Range(1, Course.MaxSections)]
    public int? Position { get; init; }
}
