using TalentSphere.Challenges.Submissions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Judging;

/// <summary>What solutions may be written in.</summary>
/// <param name="Judging">False: there is no judge at the moment, and submissions stay queued.</param>
/// <param name="Languages">All of them, also those that cannot be judged at the moment.</param>
internal sealed record LanguagesView(bool Judging, IReadOnlyList<LanguageView> Languages);

/// <summary>A language.</summary>
/// <param name="Id">For submissions, for instance <c>python</c>.</param>
/// <param name="Name">For people; the id while there is no judge.</param>
/// <param name="Version">The toolchain's; null when there is none.</param>
/// <param name="Available">False: submissions in it stay queued.</param>
/// <param name="TimeFactor">What a challenge's time limit is multiplied by; null while that is not known.</param>
internal sealed record LanguageView(string Id, string Name, string? Version, bool Available, double? TimeFactor);

internal static class ListLanguages
{
    public static ApiOk<LanguagesView> Handle(JudgeAvailability availability)
    {
        var known = availability.Ready?.Languages.ToDictionary(l => l.Id, StringComparer.Ordinal);
        return Api.Ok(new LanguagesView(known is not null, [.. Languages.All.Select(id => Of(id, known?.GetValueOrDefault(id)))]));
    }

    private static LanguageView Of(string id, JudgeLanguage? known) =>
        known is null ? new(id, id, null, false, null) : new(id, known.Name, known.Version, known.Available, known.TimeFactor);
}
