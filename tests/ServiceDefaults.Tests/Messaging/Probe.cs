using System.Diagnostics;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

internal static class Probe
{
    /// <summary>Looks again and again until it is so, and says what it saw last when it never is.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string expected, int seconds = 20)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
                return seen;
            if (limit.Elapsed > TimeSpan.FromSeconds(seconds))
                throw new TimeoutException($"Expected {expected} within {seconds} s; last seen: {System.Text.Json.JsonSerializer.Serialize(seen)}");
            await Task.Delay(20);
        }
    }
}
