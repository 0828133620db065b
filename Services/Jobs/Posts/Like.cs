namespace TalentSphere.Jobs.Posts;

/// <summary>Patterns for <c>ILIKE</c> from what people type.</summary>
internal static class Like
{
    public const string Escape = "\\";

    /// <summary>Matches what holds the text; its <c>%</c> and <c>_</c> mean themselves.</summary>
    public static string Contains(string text) => $"%{text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
}
