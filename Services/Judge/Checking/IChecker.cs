using TalentSphere.Judge.Jobs;

namespace TalentSphere.Judge.Checking;

/// <summary>Decides whether what a program wrote is right.</summary>
internal interface IChecker : IDisposable
{
    /// <exception cref="Sandbox.SandboxException">It could not be decided: nobody's fault but ours or the checker program's.</exception>
    ValueTask<bool> AcceptsAsync(JobTest test, ReadOnlyMemory<byte> output, CancellationToken cancellationToken);
}
