namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>How far a rebuild is.</summary>
/// <param name="Id">The rebuild.</param>
/// <param name="Phase">
/// <c>collecting</c> events, <c>applying</c> them, <c>comparing</c>, <c>compared</c>, <c>swapped</c> while derived state is made anew, <c>live</c>, or
/// <c>failed</c>.
/// </param>
/// <param name="Working">Whether somebody is at it now. A phase that says so while nobody is was interrupted; asked for again it goes on.</param>
/// <param name="AsOf">Only events up to then count; null for all.</param>
/// <param name="BegunAt">When, UTC.</param>
/// <param name="Staged">How many events were brought.</param>
/// <param name="Applied">How many had their effect in the shadow.</param>
/// <param name="NotAppliedLive">How many of those brought have had no effect in the live projection: they wait in the queue, are dead letters, or are lost.</param>
/// <param name="NotRetained">How many had their effect in the live projection and are kept by nobody any more.</param>
/// <param name="Tables">The comparison, once there is one.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Handles">The keys of the events that are needed.</param>
/// <param name="Collected">For each source the last event that it brought, to go on after.</param>
public sealed record ShadowState(
    Guid Id, string Phase, bool Working, DateTime? AsOf, DateTime BegunAt, long Staged, long Applied, long NotAppliedLive, long NotRetained,
    IReadOnlyList<TableComparison>? Tables, string? Error, IReadOnlyList<string> Handles, IReadOnlyDictionary<string, Guid> Collected);

/// <summary>A table of the projection, live and rebuilt.</summary>
/// <param name="Table">Its name.</param>
/// <param name="LiveRows">Null when it was not compared with the live one.</param>
/// <param name="LiveHash">SHA-256 over all compared columns of all rows in the order of the key, hexadecimal.</param>
/// <param name="ShadowRows">How many were rebuilt.</param>
/// <param name="ShadowHash">The same of those.</param>
/// <param name="Changed">Rows that both have and that differ.</param>
/// <param name="OnlyLive">Rows that only the live one has.</param>
/// <param name="OnlyShadow">Rows that only the rebuilt one has.</param>
/// <param name="Differing">The keys of the first ten of those three, in the order of the key.</param>
public sealed record TableComparison(
    string Table, long? LiveRows, string? LiveHash, long ShadowRows, string ShadowHash, long Changed, long OnlyLive, long OnlyShadow, IReadOnlyList<string> Differing)
{
    /// <summary>Whether the two are the same; null when that was not asked.</summary>
    public bool? Equal => LiveHash is null ? null : LiveHash == ShadowHash;
}

/// <summary>The phases as they are stored.</summary>
internal static class ShadowPhase
{
    public const string Collecting = "collecting";
    public const string Applying = "applying";
    public const string Comparing = "comparing";
    public const string Compared = "compared";
    public const string Swapped = "swapped";
    public const string Live = "live";
    public const string Failed = "failed";
}
