using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>Section <c>Batch</c>.</summary>
internal sealed record BatchOptions
{
    public const string Section = "Batch";

    /// <summary>How many parts a batch may have. Default 20.</summary>
    [Range(1, 100)]
    public int MaxParts { get; init; } = 20;

    /// <summary>How many of them run at a time. Default 10.</summary>
    [Range(1, 100)]
    public int Parallel { get; init; } = 10;

    /// <summary>The longest answer of a part, in bytes. Default 1 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxAnswer { get; init; } = 1024 * 1024;
}
