using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Auth.Mail;

/// <summary>How mail leaves: over SMTP, or as files, or, with neither, not at all. Configuration section <c>Mail</c>.</summary>
public sealed class MailOptions : IValidatableObject
{
    /// <summary>The sender.</summary>
    [Required]
    public string From { get; init; } = "no-reply@talentsphere.example";

    /// <summary>Where links in mails lead to: the frontend's address. Null: the platform's own, <c>Auth:Issuer</c>.</summary>
    public string? LinkBase { get; init; }

    /// <summary>Where mails are put as files (RFC 5322, <c>.eml</c>) while no server is given.</summary>
    public string? Folder { get; init; }

    /// <summary>The mail server.</summary>
    public SmtpOptions Smtp { get; init; } = new();

    /// <summary>How often to look for mail that is due.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause after the first failed try; each further one triples it, up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between two tries.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The pause after so many failed tries.</summary>
    public TimeSpan PauseAfter(int tries) => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(3, Math.Min(tries - 1, 20))));

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval <= TimeSpan.Zero || FirstPause <= TimeSpan.Zero || LongestPause < FirstPause)
            yield return new("Mail:Interval, Mail:FirstPause and Mail:LongestPause must be longer than zero, the last the longest.", [nameof(Interval)]);
        if (LinkBase is not null && !Uri.TryCreate(LinkBase, UriKind.Absolute, out _))
            yield return new("Mail:LinkBase must be an absolute address.", [nameof(LinkBase)]);
    }
}

/// <summary>A mail server. Configuration section <c>Mail:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    /// <summary>Its name; null where there is none.</summary>
    public string? Host { get; init; }

    /// <summary>587 for submission with STARTTLS (RFC 6409).</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 587;

    /// <summary>Refuse to go on without STARTTLS. Switch it off for a relay on the same machine only.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Who signs in there; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>Their password; comes from a secret.</summary>
    public string? Password { get; init; }
}
