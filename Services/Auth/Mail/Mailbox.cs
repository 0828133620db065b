using System.Text.Json;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Mail;

/// <summary>Takes mails; they are committed, or not, with what they tell.</summary>
internal sealed class Mailbox(AuthDbContext db, ServerKeys keys, TimeProvider time)
{
    private static readonly TimeSpan _noticeLifetime = TimeSpan.FromDays(3);

    /// <summary>A notice to an account.</summary>
    public void Notify(MailKind kind, Account account, params ReadOnlySpan<(string Name, string Value)> facts) => Notify(kind, account, account.Email, facts);

    /// <summary>A notice to an account under another address than its present one.</summary>
    public void Notify(MailKind kind, Account account, string to, params ReadOnlySpan<(string Name, string Value)> facts) =>
        Add(kind, account.Id, linkId: null, to, account.Name, time.GetDatabaseNow() + _noticeLifetime, facts);

    /// <summary>A mail that carries the secret of a link.</summary>
    public void Send(MailKind kind, Account account, OneTimeLink link) => Add(kind, account.Id, link.Id, link.Email, account.Name, link.ExpiresAt, []);

    /// <summary>A wish for a new password, by whoever says that the address is theirs. Whether anybody is written to is decided later, behind the caller's back.</summary>
    public void AskForReset(string normalizedEmail, TimeSpan lifetime) =>
        Add(MailKind.ResetPassword, accountId: null, linkId: null, normalizedEmail, name: null, time.GetDatabaseNow() + lifetime, []);

    /// <summary>What a mail says.</summary>
    public static MailContent Open(PendingMail mail, ServerKeys keys) =>
        JsonSerializer.Deserialize<MailContent>(keys.Open(mail.SealedContent, mail.Id.ToString(), ServerKeyPurpose.MailEncryption))!;

    private void Add(
        MailKind kind, Guid? accountId, Guid? linkId, string to, string? name, DateTime expiresAt, ReadOnlySpan<(string Name, string Value)> facts)
    {
        var (id, now) = (Guid.CreateVersion7(), time.GetDatabaseNow());
        var content = new MailContent(to, name, facts.ToArray().ToDictionary(f => f.Name, f => f.Value));
        db.PendingMails.Add(new PendingMail
        {
            Id = id,
            AccountId = accountId,
            Kind = kind,
            LinkId = linkId,
            SealedContent = keys.Seal(JsonSerializer.SerializeToUtf8Bytes(content), id.ToString(), ServerKeyPurpose.MailEncryption),
            CreatedAt = now,
            NextTryAt = now,
            ExpiresAt = expiresAt,
        });
    }
}
