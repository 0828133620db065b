using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text;
using Microsoft.Extensions.Options;

namespace TalentSphere.Auth.Mail;

/// <summary>The way out.</summary>
internal interface ILetterDelivery
{
    /// <summary>False when there is none: mail waits.</summary>
    bool IsOpen { get; }

    /// <summary>Hands a letter over; when this returns, somebody else has it for good.</summary>
    Task DeliverAsync(Letter letter, CancellationToken cancellationToken);
}

/// <summary>A mail server where one is given, else a folder.</summary>
internal sealed class Delivery(IOptions<MailOptions> options) : ILetterDelivery
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public bool IsOpen => options.Value.Smtp.Host is { Length: > 0 } || options.Value.Folder is { Length: > 0 };

    public Task DeliverAsync(Letter letter, CancellationToken cancellationToken) =>
        options.Value.Smtp.Host is { Length: > 0 } ? SendAsync(letter, cancellationToken) : FileAsync(letter, options.Value.Folder!, cancellationToken);

    private async Task SendAsync(Letter letter, CancellationToken cancellationToken)
    {
        var smtp = options.Value.Smtp;
        using var client = new SmtpClient(smtp.Host, smtp.Port) { EnableSsl = smtp.Tls, DeliveryFormat = SmtpDeliveryFormat.International };
        if (smtp.User is { Length: > 0 })
            client.Credentials = new NetworkCredential(smtp.User, smtp.Password);
        using var message = new MailMessage(new MailAddress(options.Value.From, "TalentSphere"), new MailAddress(letter.To, letter.Name))
        {
            Subject = letter.Subject,
            Body = letter.Text.ReplaceLineEndings("\r\n"),
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
        };
        message.Headers.Add("Message-ID", MessageId(letter));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_patience);
        await client.SendMailAsync(message, timeout.Token);
    }

    /// <summary>Under a name that is the same at every try, and there all at once or not at all.</summary>
    private async Task FileAsync(Letter letter, string folder, CancellationToken cancellationToken)
    {
        var directory = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = $"{letter.At.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}-{letter.Id:N}";
        var partial = Path.Combine(directory.FullName, name + ".partial");
        var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(partial, file))
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Format(letter)), cancellationToken);
        File.Move(partial, Path.Combine(directory.FullName, name + ".eml"), overwrite: true);
    }

    private string Format(Letter letter) => string.Join("\r\n",
        $"From: TalentSphere <{options.Value.From}>",
        $"To: {Word(letter.Name ?? letter.To)} <{letter.To}>",
        $"Subject: {Word(letter.Subject)}",
        $"Date: {letter.At.ToString("r", CultureInfo.InvariantCulture).Replace("GMT", "+0000", StringComparison.Ordinal)}",
        $"Message-ID: {MessageId(letter)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        letter.Text.ReplaceLineEndings("\r\n"));

    private string MessageId(Letter letter) => $"<{letter.Id:N}@{options.Value.From.Split('@')[^1]}>";

    /// <summary>An encoded word (RFC 2047) for whatever is more than letters, digits and blanks.</summary>
    private static string Word(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-')
        ? text
        : $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";
}
