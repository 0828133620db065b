using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TalentSphere.Cli.Events;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh mail</c>: the mails that were sent while no mail server is given.</summary>
public static partial class MailCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var address = new Argument<string?>("address") { Description = "To whom; everybody's, if left out.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        var command = new Command("mail", "The mails sent so far, oldest first. Without a mail server they land as files in .mesh/mail.") { address, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var mails = await ReadAsync(parsed.GetValue(address), cancellationToken);
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(mails, EventsApi.Json));
            else
                Print(mails);
            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<SentMail>> ReadAsync(string? address, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(MeshPaths.State, "mail");
        var mails = new List<SentMail>();
        if (!Directory.Exists(folder))
            return mails;
        foreach (var file in Directory.GetFiles(folder, "*.eml").Order(StringComparer.Ordinal))
        {
            var mail = SentMail.Parse(file, await File.ReadAllTextAsync(file, cancellationToken));
            if (address is null || mail.To.Contains($"<{address.Trim()}>", StringComparison.OrdinalIgnoreCase))
                mails.Add(mail);
        }
        return mails;
    }

    private static void Print(IReadOnlyList<SentMail> mails)
    {
        if (mails.Count == 0)
            Console.WriteLine("None yet.");
        foreach (var mail in mails)
            Console.WriteLine($"{mail.Date}\n{mail.To}\n{mail.Subject}\n\n{mail.Text.TrimEnd()}\n{new string('-', 72)}");
    }

    [GeneratedRegex(@"=\?utf-8\?B\?(?<word>[A-Za-z0-9+/=]*)\?=", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex EncodedWord();

    private sealed record SentMail(string Date, string To, string Subject, string Text, string File)
    {
        public static SentMail Parse(string file, string text)
        {
            var parts = text.ReplaceLineEndings("\n").Split("\n\n", 2);
            var headers = parts[0].Split('\n').Select(line => line.Split(": ", 2)).Where(h => h.Length == 2)
                .GroupBy(h => h[0], StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => Decode(g.First()[1]), StringComparer.OrdinalIgnoreCase);
            return new(headers.GetValueOrDefault("Date", ""), headers.GetValueOrDefault("To", ""), headers.GetValueOrDefault("Subject", ""), parts.ElementAtOrDefault(1) ?? "", file);
        }

        private static string Decode(string header) =>
            EncodedWord().Replace(header, word => Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups["word"].Value)));
    }
}
