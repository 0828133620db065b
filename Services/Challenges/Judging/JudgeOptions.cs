using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Challenges.Judging;

/// <summary>How the judge is reached and how submissions are handed to it. Configuration section <c>Judge</c>.</summary>
public sealed class JudgeOptions : IValidatableObject
{
    /// <summary>The secret that the judge asks for. Without it nothing can be judged, and submissions stay queued.</summary>
    public string? Key { get; init; }

    /// <summary>How long the judge may say nothing about a job before it is taken for hung; a compile and the slowest test fit into it.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long connecting to the judge, and its first answer, may take.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, value) in ((string, TimeSpan)[])[(nameof(Silence), Silence), (nameof(Answer), Answer)])
        {
            if (value <= TimeSpan.Zero)
                yield return new($"Judge:{name} must be longer than zero.", [name]);
        }
    }
}
