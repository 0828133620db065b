using System.Text.Json;

namespace TalentSphere.Gateway.Edge;

/// <summary>What of JSON PostgreSQL's <c>jsonb</c> takes: no NUL, no half of a surrogate pair, no number beyond a double's range.</summary>
internal static class StorableJson
{
    /// <summary>True when all of it can be stored.</summary>
    public static bool IsStorable(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(p => IsText(() => p.Name) && IsStorable(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().All(IsStorable),
        JsonValueKind.String => IsText(() => element.GetString()!),
        JsonValueKind.Number => element.TryGetDouble(out var number) && double.IsFinite(number),
        _ => true,
    };

    private static bool IsText(Func<string> read)
    {
        try
        {
            return !read().Contains('\0');
        }
        catch (InvalidOperationException)
        {
            // Half a pair.
            return false;
        }
    }
}
