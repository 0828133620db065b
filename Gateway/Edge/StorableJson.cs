using System.Globalization;
using System.Text.Json;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// What of JSON PostgreSQL's <c>jsonb</c> takes: no NUL, no half of a surrogate pair, no number beyond a double's range, and none with more decimals than a
/// <c>numeric</c> has (16,383).
/// </summary>
internal static class StorableJson
{
    // Of a number that is not zero, a double has no more either.
    private const int _longestNumber = 400;
    private const int _leastExponent = -400;

    /// <summary>True when all of it can be stored.</summary>
    public static bool IsStorable(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(p => IsText(() => p.Name) && IsStorable(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().All(IsStorable),
        JsonValueKind.String => IsText(() => element.GetString()!),
        JsonValueKind.Number => element.TryGetDouble(out var number) && double.IsFinite(number) && IsShort(element.GetRawText()),
        _ => true,
    };

    private static bool IsShort(string number) => number.Length <= _longestNumber
        && (number.IndexOfAny(['e', 'E']) is not (>= 0 and var at) || (int.TryParse(number.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            && exponent >= _leastExponent));

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
