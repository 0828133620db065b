using System.Text;
using System.Text.RegularExpressions;

namespace TalentSphere.Jobs.Posts;

/// <summary>What somebody typed into the search field, in the forms that PostgreSQL's full text search takes. Any characters are safe.</summary>
public sealed partial class SearchTerms
{
    /// <summary>The most characters of a query.</summary>
    public const int MaxLength = 200;

    /// <summary>Shorter words are taken as typed: nearly every word is near to them.</summary>
    private const int _shortestForgiven = 4;

    /// <summary>Nobody misses two letters of a word longer than that; it bounds <see cref="Spellings"/>.</summary>
    private const int _longestForgiven = 20;

    private SearchTerms(string text)
    {
        WebSearch = Normalize(text);
        Words = [.. Word().Matches(WebSearch).Select(m => m.Value)];
        // Quotation marks, a leading minus and OR mean something to websearch_to_tsquery; then the words alone would say something else.
        var plain = !WebSearch.Contains('"') && !Operator().IsMatch(WebSearch);
        Unfinished = plain && Words.Count > 0 ? string.Join(" & ", Words) + ":*" : "";
        Forgiven = plain ? [.. Words.Where(w => w.Length >= _shortestForgiven)] : [];
    }

    /// <summary>For <c>websearch_to_tsquery</c>.</summary>
    public string WebSearch { get; }

    /// <summary>Its words, letters and digits only.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>For <c>to_tsquery</c>: every word, the last one perhaps not yet typed to its end. Empty when the query holds operators.</summary>
    public string Unfinished { get; }

    /// <summary>The words in which typing errors are looked for when nothing is found as typed.</summary>
    public IReadOnlyList<string> Forgiven { get; }

    /// <summary>Null when nothing readable was typed.</summary>
    public static SearchTerms? Parse(string? typed) => Readable(typed) is { } text ? new SearchTerms(text) : null;

    /// <summary>Without control characters and the blanks around; null when nothing is left.</summary>
    public static string? Readable(string? typed)
    {
        if (string.IsNullOrWhiteSpace(typed))
            return null;
        var text = new StringBuilder(typed.Length);
        foreach (var c in typed)
            text.Append(char.IsControl(c) ? ' ' : c);
        var readable = text.ToString().Trim();
        return readable.Length == 0 ? null : readable;
    }

    /// <summary>For <c>to_tsquery</c>: the word as typed or begun, and with any two neighbouring letters swapped, which trigrams are bad at.</summary>
    public static string Spellings(string word)
    {
        var spellings = new StringBuilder(word).Append(":*");
        for (var i = 0; i + 1 < word.Length && word.Length <= _longestForgiven; i++)
        {
            // Surrogates and combining marks stay with their letters.
            if (word[i] != word[i + 1] && char.IsLetterOrDigit(word[i]) && char.IsLetterOrDigit(word[i + 1]))
                spellings.Append(" | ").Append(word, 0, i).Append(word[i + 1]).Append(word[i]).Append(word, i + 2, word.Length - i - 2);
        }
        return spellings.ToString();
    }

    /// <summary>
    /// The same rewriting as the SQL function <c>search_words</c>, for the other side of the comparison: names that the parser would cut up become words.
    /// </summary>
    private static string Normalize(string text)
    {
        text = Sharp().Replace(text, "${letter}sharp");
        text = PlusPlus().Replace(text, "cplusplus");
        return DotNet().Replace(text, " dotnet").Replace('.', ' ').Replace('/', ' ');
    }

    [GeneratedRegex(@"[\p{L}\p{N}\p{M}]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(^|\s)-|\bor\b", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Operator();

    [GeneratedRegex(@"\b(?<letter>[cf])#", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Sharp();

    [GeneratedRegex(@"\bc\+\+", RegexOptions.IgnoreCase)]
    private static partial Regex PlusPlus();

    [GeneratedRegex(@"\.net\b", RegexOptions.IgnoreCase)]
    private static partial Regex DotNet();
}
