namespace TalentSphere.Kubernetes.Tests;

/// <summary>Something that is not as it has to be.</summary>
/// <param name="Rule">Which rule says so.</param>
/// <param name="Resource">Kind and name.</param>
/// <param name="Field">Where in the resource.</param>
/// <param name="What">What is wrong there.</param>
internal sealed record Finding(string Rule, string Resource, string Field, string What)
{
    /// <summary>The rendered overlay that it was found in, and the file that the resource comes from.</summary>
    public string Where { get; init; } = "";

    public override string ToString() => $"{Where}: {Resource} {Field}: {What} ({Rule})";
}
