using System.Text.Json.Serialization;

namespace TalentSphere.Challenges.Solutions;

/// <summary>A check as the challenge's author sees it.</summary>
/// <param name="Id">This check's.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Current">False: tests, limits, checker or solutions have changed since, and publishing needs another check.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
/// <param name="Judged">How many solutions are judged.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Solutions">Those that are judged, in their order.</param>
internal sealed record CheckView(
    Guid Id,
    CheckState State,
    bool Current,
    DateTime RequestedAt,
    DateTime? StartedAt,
    DateTime? FinishedAt,
    int Judged,
    int Total,
    IReadOnlyList<SolutionResult> Solutions)
{
    /// <summary>Why it waits, as a code.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }

    public static CheckView Of(SolutionCheck check, int authoringVersion, int solutions) => new(
        check.Id,
        check.State,
        check.AuthoringVersion == authoringVersion,
        check.RequestedAt,
        check.StartedAt,
        check.FinishedAt,
        check.Results.Count,
        check.State is CheckState.Passed or CheckState.Failed ? check.Results.Count : solutions,
        check.Results)
    {
        Problem = check.Problem,
    };
}
