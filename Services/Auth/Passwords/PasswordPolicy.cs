using System.ComponentModel.DataAnnotations;
using System.IO.Compression;

namespace TalentSphere.Auth.Passwords;

/// <summary>Which passwords are taken (after NIST SP 800-63B §5.1.1.2: length and a list, no rules of composition).</summary>
public static class PasswordPolicy
{
    /// <summary>The shortest password, in characters.</summary>
    public const int MinLength = 10;

    /// <summary>The longest password, in characters.</summary>
    public const int MaxLength = 128;

    private const int _longestPattern = 4;
    private const int _shortestWord = 4;
    private const int _dressedUp = 10_000;
    private const string _platform = "talentsphere talent sphere";

    private static readonly char[] _separators = [' ', '.', '-', '_', '@', '+', '\'', ','];
    private static readonly char[] _decoration = [.. "0123456789!?.,;:-_+*#$%&/()=@~^<>'\" "];
    private static readonly Lazy<List<string>> _public = new(() => ReadList("public-passwords.txt.gz"));
    private static readonly Lazy<HashSet<string>> _common = new(() => [.. ReadList("common-passwords.txt"), .. _public.Value]);

    // What the lists are made of, and the words that people dress up: a list of every dressing would never end. Rare passwords are not dressed up.
    private static readonly Lazy<HashSet<string>> _words = new(() =>
    [
        .. ReadList("common-words.txt"),
        .. ReadList("common-passwords.txt").Concat(_public.Value.Take(_dressedUp)).Select(p => p.Trim(_decoration)).Where(w => w.Length > _shortestWord && w.All(char.IsAsciiLetter)),
    ]);

    /// <summary>How many passwords the shipped lists hold that are long enough to be chosen here.</summary>
    public static int ListLength => _common.Value.Count(p => p.Length >= MinLength);

    /// <summary>
    /// True for what attackers try first: the shipped lists in any case, a common word with decoration, a short pattern repeated, a run along alphabet or digits.
    /// </summary>
    public static bool IsCommon(string password)
    {
        var folded = password.Trim().ToLowerInvariant();
        return _common.Value.Contains(folded) || IsPattern(folded) || IsRun(folded) || IsDressedUpWord(folded);
    }

    /// <summary>What is wrong with a password that <see cref="RepeatsContext"/>.</summary>
    public const string ContextFault = "must not be made of your name, your address or ours";

    /// <summary>True when little is left of the password but for the parts of the address and the name that it belongs to, and the platform's own name.</summary>
    public static bool RepeatsContext(string password, string? email, string? name)
    {
        var words = $"{email} {name} {_platform}".ToLowerInvariant().Split(_separators, StringSplitOptions.RemoveEmptyEntries)
            .Append(email?.Trim().ToLowerInvariant() ?? "").Append(new string([.. (name ?? "").ToLowerInvariant().Where(char.IsLetter)]))
            .Where(w => w.Length >= _shortestWord).Distinct().OrderByDescending(w => w.Length).ToList();
        var folded = password.Trim().ToLowerInvariant();
        return new[] { folded, Unmask(folded) }.Any(text =>
        {
            var rest = words.Aggregate(text, (left, word) => left.Replace(word, "", StringComparison.Ordinal));
            return rest.Length < text.Length && rest.Length < MinLength && rest.Count(char.IsLetter) < _shortestWord;
        });
    }

    /// <summary>True for one common word with digits and signs around it, or in place of some of its letters, or written several times.</summary>
    private static bool IsDressedUpWord(string folded)
    {
        foreach (var text in (string[])[folded, Unmask(folded.Trim(_decoration))])
        {
            var word = text.Trim(_decoration);
            for (var times = 1; times <= 3 && word.Length > 0; times++)
            {
                if (word.Length % times == 0 && _words.Value.Contains(word[..(word.Length / times)]) && string.Concat(Enumerable.Repeat(word[..(word.Length / times)], times)) == word)
                    return true;
            }
        }
        return false;
    }

    /// <summary>Takes digits and signs for the letters that they are often put for.</summary>
    private static string Unmask(string folded) => string.Create(folded.Length, folded, (span, text) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = text[i] switch
            {
                '@' or '4' => 'a',
                '3' => 'e',
                '1' or '!' => 'i',
                '0' => 'o',
                '$' or '5' => 's',
                '7' => 't',
                var c => c,
            };
        }
    });

    private static bool IsPattern(string text)
    {
        for (var length = 1; length <= _longestPattern; length++)
        {
            var repeats = true;
            for (var i = length; i < text.Length && repeats; i++)
                repeats = text[i] == text[i - length];
            if (repeats)
                return true;
        }
        return false;
    }

    private static bool IsRun(string text)
    {
        var step = text.Length > 1 ? text[1] - text[0] : 0;
        if (step is not (1 or -1))
            return false;
        for (var i = 1; i < text.Length; i++)
        {
            // 9 is followed by 0 on every keyboard.
            var wraps = (step == 1 && text[i - 1] == '9' && text[i] == '0') || (step == -1 && text[i - 1] == '0' && text[i] == '9');
            if (text[i] - text[i - 1] != step && !wraps)
                return false;
        }
        return true;
    }

    private static List<string> ReadList(string name)
    {
        using var stream = typeof(PasswordPolicy).Assembly.GetManifestResourceStream(name)!;
        using var plain = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var reader = new StreamReader(plain);
        var list = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length >= _shortestWord)
                list.Add(line);
        }
        return list;
    }
}

/// <summary>Refuses <see cref="PasswordPolicy.IsCommon"/> passwords.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UncommonPasswordAttribute() : ValidationAttribute("is one of the commonest passwords")
{
    // Too short or too long is told by the length rule alone.
    public override bool IsValid(object? value) =>
        value is not string { Length: >= PasswordPolicy.MinLength and <= PasswordPolicy.MaxLength } password || !PasswordPolicy.IsCommon(password);
}
