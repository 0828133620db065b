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

    /// <summary>How long a dispatcher that does not move keeps a submission from the others.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the queue is looked at when nothing woke the dispatcher.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a judge that is there is asked what it can do.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first pause before a submission that got no verdict is tried again; each further one is four times as long.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often in a row a submission may end without a verdict before that is its verdict.</summary>
    [Range(1, 20)]
    public int Tries { get; init; } = 5;

    /// <summary>The most submissions of one person that may wait for their verdict.</summary>
    [Range(1, 100_000)]
    public int PendingPerUser { get; init; } = 100;

    /// <summary>How many sample runs one replica has under way; beyond it the caller is told to come back.</summary>
    [Range(1, 1000)]
    public int Runs { get; init; } = 4;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, value) in ((string, TimeSpan)[])
            [(nameof(Silence), Silence), (nameof(Answer), Answer), (nameof(Lease), Lease), (nameof(Poll), Poll), (nameof(Watch), Watch), (nameof(FirstRetry), FirstRetry)])
        {
            if (value <= TimeSpan.Zero)
                yield return new($"Judge:{name} must be longer than zero.", [name]);
        }
    }
}
