using System.ComponentModel.DataAnnotations;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;

namespace TalentSphere.Auth.Accounts;

/// <summary>
/// E-mail addresses as keys of accounts: trimmed, lower case, Unicode NFC. The whole address is lower-cased: RFC 5321 lets a host
/// tell apart the case of local parts, but none in use does, and two accounts that look alike help only a swindler.
/// </summary>
public static class EmailAddress
{
    /// <summary>The longest address, in characters (RFC 5321 §4.5.3.1, errata 1690).</summary>
    public const int MaxLength = 254;

    private const int _maxLocalPart = 64;
    private const int _maxLabel = 63;

    /// <summary>True for <c>local@domain.tld</c> without control characters and white space; mail itself proves the rest.</summary>
    public static bool IsValid(string text)
    {
        text = text.Trim();
        var at = text.LastIndexOf('@');
        if (text.Length > MaxLength || at is < 1 or > _maxLocalPart)
            return false;
        var local = text.AsSpan(0, at);
        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal) || local.ContainsAny("@,;:\"()<>[]\\"))
            return false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || rune == Rune.ReplacementChar
                || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.OtherNotAssigned)
                return false;
        }
        var labels = text[(at + 1)..].Split('.');
        return labels.Length > 1 && labels.All(l => l.Length is > 0 and <= _maxLabel && l[0] != '-' && l[^1] != '-'
            && l.All(c => char.IsLetterOrDigit(c) || c == '-' || c > 127));
    }

    /// <summary>The form under which the account is stored and found.</summary>
    internal static async ValueTask<string> NormalizeAsync(string text, AuthDbContext db, CancellationToken cancellationToken)
    {
        text = text.Trim();
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        // Without ICU data the runtime leaves non-ASCII text as it is when asked to normalise it; PostgreSQL carries its own tables.
        text = text.Replace("\0", "", StringComparison.Ordinal).ToLowerInvariant();
        var normal = await db.Database.SqlQuery<string>($"SELECT normalize({text}, NFC) AS \"Value\"").ToListAsync(cancellationToken);
        return normal[0].ToLowerInvariant();
    }
}

/// <summary>Accepts what <see cref="EmailAddress.IsValid"/> does.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EmailAddressFormAttribute() : ValidationAttribute("must be an e-mail address")
{
    public override bool IsValid(object? value) => value is not string text || EmailAddress.IsValid(text);
}
