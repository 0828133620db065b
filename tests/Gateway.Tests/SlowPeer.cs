namespace TalentSphere.Gateway.Tests;

/// <summary>What slow peers do, which is what is tested; nothing waits for anything by it.</summary>
internal static class SlowPeer
{
    /// <summary>Never goes on.</summary>
    public static Task HangAsync(CancellationToken ended) => Task.Delay(Timeout.Infinite, ended);

    /// <summary>Goes on after a while.</summary>
    public static Task DawdleAsync(int milliseconds, CancellationToken ended = default) => Task.Delay(milliseconds, ended);
}
