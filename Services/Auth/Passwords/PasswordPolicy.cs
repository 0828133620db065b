using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Auth.Passwords;

/// <summary>Which passwords are taken (after NIST SP 800-63B §5.1.1.2: length and a list, no rules of composition).</summary>
public static class PasswordPolicy
{
    /// <summary>The shortest password, in characters.</summary>
    public const int MinLength = 10;

    /// <summary>The longest password, in characters.</summary>
    public const int MaxLength = 128;

    private const int _longestPattern = 4;

    private static readonly Lazy<HashSet<string>> _common = new(ReadList);

    /// <summary>How many passwords the shipped list holds.</summary>
    public static int ListLength => _common.Value.Count;

    /// <summary>True for what attackers try first: the shipped list in any case, a short pattern repeated, a run along alphabet or digits.</summary>
    public static bool IsCommon(string password)
    {
        var folded = password.Trim().ToLowerInvariant();
        return _common.Value.Contains(folded) || IsPattern(folded) || IsRun(folded);
    }

    /// <summary>True when the password is the address it belongs to, or the part before its <c>@</c>, with at most digits around it.</summary>
    public static bool RepeatsEmail(string password, string email)
    {
        var folded = password.Trim().ToLowerInvariant();
        var address = email.Trim().ToLowerInvariant();
        var at = address.LastIndexOf('@');
        return folded == address || (at > 0 && folded.Trim("0123456789!.".ToCharArray()) == address[..at].Trim("0123456789!.".ToCharArray()));
    }

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

    private static HashSet<string> ReadList()
    {
        using var stream = typeof(PasswordPolicy).Assembly.GetManifestResourceStream("common-passwords.txt")!;
        using var reader = new StreamReader(stream);
        var list = new HashSet<string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length >= MinLength)
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
