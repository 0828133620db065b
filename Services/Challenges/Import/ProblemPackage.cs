using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Solutions;

namespace TalentSphere.Challenges.Import;

/// <summary>What a problem package comes to.</summary>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Statement">Markdown.</param>
/// <param name="Tags">Its keywords, as far as they make tags.</param>
/// <param name="TimeLimitMs">CPU time for one test, milliseconds.</param>
/// <param name="MemoryLimitKb">Memory for one test, KiB.</param>
/// <param name="Checker">What its output validator comes to.</param>
/// <param name="Tests">Samples first.</param>
/// <param name="Solutions">Its submissions.</param>
/// <param name="Notes">What was left out or became something else, for the author to read.</param>
internal sealed record ProblemPackage(
    string Title,
    string Statement,
    List<string> Tags,
    int TimeLimitMs,
    int MemoryLimitKb,
    CheckerSpec Checker,
    IReadOnlyList<TestCase> Tests,
    IReadOnlyList<Solution> Solutions,
    IReadOnlyList<string> Notes);
