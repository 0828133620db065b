using System.Text.Json;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>The framework names invalid members as in C#; callers know them as in JSON.</summary>
internal static class CamelCasePath
{
    /// <summary><c>Sections[0].Title</c> becomes <c>sections[0].title</c>.</summary>
    public static string Of(string path) => string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
