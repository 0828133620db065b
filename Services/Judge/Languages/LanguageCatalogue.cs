using System.Text;
using System.Text.RegularExpressions;
using TalentSphere.Judge.Sandbox;

namespace TalentSphere.Judge.Languages;

/// <summary>Every language that the judge knows of.</summary>
internal static partial class LanguageCatalogue
{
    public static IReadOnlyList<Language> All { get; } = [Python.Language, JavaScript.Language, C.Language, CPlusPlus.Language, Java.Language, CSharp.Language];

    /// <summary>Looks for each language's toolchain and asks it, in a box, for its version.</summary>
    public static async Task<IReadOnlyList<Toolchain>> FindAsync(IReadOnlyList<Language> languages, Slots slots, CancellationToken cancellationToken)
    {
        await using var lease = slots.TryTake() ?? throw new InvalidOperationException("Toolchains are looked for before jobs are taken.");
        var found = new List<Toolchain>();
        foreach (var language in languages)
        {
            found.Add(language.Compile is not null && !slots.HasGroups
                ? Toolchain.Missing(language, "without control groups there is no place where a compiler may write")
                : await FindAsync(language, lease, cancellationToken));
        }
        return found;
    }

    private static async Task<Toolchain> FindAsync(Language language, Slots.Lease lease, CancellationToken cancellationToken)
    {
        var paths = new Dictionary<string, string>();
        foreach (var (program, places) in language.Programs)
        {
            if (places.FirstOrDefault(Path.Exists) is not { } place)
                return Toolchain.Missing(language, $"{program} is not installed (apt-get install {language.Packages})");
            paths[program] = place;
        }
        try
        {
            var toolchain = new Toolchain { Language = language, Paths = paths, Folders = [.. language.Folders()] };
            toolchain = toolchain with { Files = [.. language.Files(toolchain).Select(f => new BoxFile(f.Key, new SealedFile(Encoding.UTF8.GetBytes(f.Value))))] };
            var outcome = await lease.RunAsync(
                new()
                {
                    Command = language.Version(toolchain),
                    Limits = language.CompileLimits,
                    Environment = language.Environment(language.CompileLimits.MemoryBytes),
                    Toolchains = toolchain.Folders,
                    Files = toolchain.Files,
                },
                next: null,
                cancellationToken);
            var said = Encoding.UTF8.GetString(outcome.Output.Span) + Encoding.UTF8.GetString(outcome.Errors.Span);
            return outcome.ExitCode == 0 && VersionNumber().Match(said) is { Success: true } version
                ? toolchain with { Version = version.Value }
                : Toolchain.Missing(language, $"the toolchain does not work in a box: exit {outcome.ExitCode?.ToString() ?? "none"}, {said[..Math.Min(200, said.Length)].Trim()}");
        }
        catch (Exception e) when (e is SandboxException or IOException)
        {
            return Toolchain.Missing(language, e.Message);
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)+", RegexOptions.ExplicitCapture)]
    private static partial Regex VersionNumber();
}
