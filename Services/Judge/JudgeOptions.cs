using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Judge;

/// <summary>How this worker judges. Configuration section <c>Judge</c>.</summary>
public sealed record JudgeOptions
{
    /// <summary>What callers must know: their bearer token. A secret.</summary>
    [Required, MinLength(32)]
    public string Key { get; init; } = "";

    /// <summary>How many jobs run at once; 0 is one for each processor.</summary>
    [Range(0, 64)]
    public int Slots { get; init; }

    /// <summary>
    /// Judge also where no control groups can be made: one job at a time, with limits for each process instead of for the whole box, and no file to write.
    /// </summary>
    public bool AllowRestricted { get; init; }

    /// <summary>The first of 256 user ids that nobody else on the machine has; each slot takes two of them when the worker runs as root.</summary>
    [Range(1000, int.MaxValue - 256)]
    public int FirstUserId { get; init; } = 60700;
}
