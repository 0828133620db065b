using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Import;

/// <summary>A problem package that cannot be imported; says why, each fault with the file that it is in.</summary>
internal sealed class PackageException(params IReadOnlyList<FailureDetail> faults) : Exception(string.Join("; ", faults.Select(f => $"{f.Field}: {f.Message}")))
{
    public PackageException(string file, string message)
        : this([new FailureDetail(file, message)])
    {
    }

    public IReadOnlyList<FailureDetail> Faults { get; } = faults;
}
