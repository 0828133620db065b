using System.Diagnostics;

namespace TalentSphere.TestKit;

/// <summary>Waits by asking until it is so, and says what it saw when it gives up.</summary>
public static class Eventually
{
    /// <summary>How long to ask unless a test says otherwise.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Asks until <paramref name="accept"/> likes what it sees.</summary>
    /// <returns>The value that was accepted.</returns>
    public static async Task<T> SeesAsync<T>(Func<Task<T>> look, Func<T, bool> accept, string what, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        T? seen = default;
        Exception? fault = null;
        do
        {
            try
            {
                seen = await look();
                fault = null;
                if (accept(seen))
                    return seen;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException or TaskCanceledException)
            {
                fault = e;
            }
            await Task.Delay(25);
        }
        while (watch.Elapsed < (patience ?? Patience));
        throw new TimeoutException($"Waited {watch.Elapsed.TotalSeconds:0.0} s for {what}; last seen: {fault?.Message ?? Describe(seen)}");
    }

    /// <summary>Asks until <paramref name="ask"/> says yes.</summary>
    public static Task TrueAsync(Func<Task<bool>> ask, string what, TimeSpan? patience = null) => SeesAsync(ask, yes => yes, what, patience);

    /// <summary>Asks until <paramref name="ask"/> says yes.</summary>
    public static Task TrueAsync(Func<bool> ask, string what, TimeSpan? patience = null) => SeesAsync(() => Task.FromResult(ask()), yes => yes, what, patience);

    private static string Describe<T>(T? value) =>
        value is System.Collections.IEnumerable items and not string ? string.Join("; ", items.Cast<object?>()) : value?.ToString() ?? "nothing";
}
