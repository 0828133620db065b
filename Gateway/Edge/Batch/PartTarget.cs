using System.Globalization;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>
/// What a part asks for. A server takes an address apart before anything here sees it; a part's never went through one, so whatever could be read in two ways
/// is refused instead.
/// </summary>
internal static class PartTarget
{
    private const string _api = "/api/";
    private const int _longest = 2048;

    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Read(string? text, out PathString path, out QueryString query)
    {
        (path, query) = (default, default);
        if (string.IsNullOrEmpty(text))
            return "is required";
        if (text.Length > _longest)
            return $"must be at most {_longest} characters long";
        if (text[0] != '/' || text.StartsWith("//", StringComparison.Ordinal))
            return "must be a path such as /api/v1/jobs, without a host";
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.AsSpan().ContainsAny('\\', '#'))
            return "must be printable ASCII without spaces, backslashes and fragments; encode everything else";
        var mark = text.IndexOf('?');
        var encoded = mark < 0 ? text : text[..mark];
        if (encoded.Contains("//", StringComparison.Ordinal) || !IsPlain(encoded))
            return "must have neither empty segments nor encoded separators or control characters";
        var decoded = Uri.UnescapeDataString(encoded);
        if (decoded.Split('/').Any(segment => segment is "." or ".."))
            return "must have no relative segments";
        if (!decoded.StartsWith(_api, StringComparison.OrdinalIgnoreCase))
            return "must be below /api/";
        if (IsBatch(decoded))
            return "must not be a batch";
        path = new(decoded);
        query = mark < 0 ? default : new(text[mark..]);
        return null;
    }

    /// <summary>Also where the version is left out, or the case is another.</summary>
    private static bool IsBatch(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var version = segments.Length > 1 && segments[1] is ['v' or 'V', .. var digits] && digits.Length > 0 && digits.All(char.IsAsciiDigit);
        return segments.ElementAtOrDefault(version ? 2 : 1)?.Equals("batch", StringComparison.OrdinalIgnoreCase) == true;
    }

    private static bool IsPlain(string encoded)
    {
        for (var i = encoded.IndexOf('%'); i >= 0; i = encoded.IndexOf('%', i + 1))
        {
            if (i + 2 >= encoded.Length || !byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                || value is < 0x20 or 0x7F or (byte)'/' or (byte)'\\')
                return false;
        }
        return true;
    }
}
