using TalentSphere.Challenges.Submissions;

namespace TalentSphere.Challenges.Solutions;

/// <summary>What the name of a source file says.</summary>
internal static class SourceFiles
{
    /// <returns>The language that a file of this name is written in; null when its ending says nothing.</returns>
    public static string? LanguageOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".py" or ".py3" => Languages.Python,
        ".js" => Languages.JavaScript,
        ".c" => Languages.C,
        ".cpp" or ".cc" or ".cxx" or ".c++" => Languages.Cpp,
        ".java" => Languages.Java,
        ".cs" => Languages.CSharp,
        _ => null,
    };
}
