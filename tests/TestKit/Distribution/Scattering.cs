namespace TalentSphere.TestKit;

/// <summary>A statement that is meant to ask every node.</summary>
/// <param name="Text">A part of it that no other statement has.</param>
/// <param name="Reason">Why it cannot, or need not, name one.</param>
public sealed record Scattering(string Text, string Reason)
{
    /// <summary>What is wrong: statements that ask every node and were not declared, declarations that no statement bears out.</summary>
    public static IReadOnlyList<string> Faults(IReadOnlyCollection<QueryPlan> seen, IReadOnlyCollection<Scattering> declared) =>
    [
        .. seen.Where(q => q.IsScattered && !declared.Any(d => q.Text.Contains(d.Text, StringComparison.Ordinal))).Select(q => $"Asks every node: {q}").Distinct(StringComparer.Ordinal),
        .. declared.Where(d => !seen.Any(q => q.IsScattered && q.Text.Contains(d.Text, StringComparison.Ordinal))).Select(d => $"Asks every node no longer, or was not run: {d.Text}"),
    ];
}
