namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>What a limit says to a request. Times are milliseconds from now.</summary>
/// <param name="IsAllowed">False: 429.</param>
/// <param name="Remaining">How many more may come.</param>
/// <param name="ResetMs">When all of the limit is there again.</param>
/// <param name="DelayMs">Of an allowed request: how long it has to wait for its permit.</param>
/// <param name="RetryMs">Of a refused request: when one will pass.</param>
/// <param name="IsLocal">Decided from this replica's share, because Redis is away.</param>
internal readonly record struct Verdict(bool IsAllowed, long Remaining, double ResetMs, double DelayMs, double RetryMs, bool IsLocal)
{
    public static Verdict Allow(long remaining, double resetMs, bool isLocal = false, double delayMs = 0) =>
        new(true, Math.Max(0, remaining), Math.Max(0, resetMs), Math.Max(0, delayMs), 0, isLocal);

    public static Verdict Refuse(double resetMs, double retryMs, bool isLocal = false) => new(false, 0, Math.Max(0, resetMs), 0, Math.Max(1, retryMs), isLocal);
}
