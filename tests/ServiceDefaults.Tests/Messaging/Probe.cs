using TalentSphere.TestKit;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

internal static class Probe
{
    /// <summary>Looks again and again until it is so, and says what it saw last when it never is.</summary>
    public static Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string expected, int seconds = 20) =>
        Eventually.SeesAsync(look, isSo, expected, TimeSpan.FromSeconds(seconds));
}
