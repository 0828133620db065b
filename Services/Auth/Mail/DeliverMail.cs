using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Mail;

/// <summary>
/// Sends what is due: at least once, with the same message id each time, until it has left or is of no use any more. Replicas share the work; while one tries, the
/// mail is not due for the others.
/// </summary>
internal sealed partial class DeliverMail(
    IServiceScopeFactory scopes, IDatabaseMigration migration, ILetterDelivery delivery, LetterWriter writer, ServerKeys keys, IOptions<MailOptions> mail,
    IOptions<AuthOptions> auth, TimeProvider time, ILogger<DeliverMail> logger) : BackgroundService
{
    private const int _batch = 8;
    private static readonly TimeSpan _lease = TimeSpan.FromMinutes(1);
    private DateTime _nextSweep;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        if (!delivery.IsOpen)
            NoWayOut(logger);
        using var timer = new PeriodicTimer(mail.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await DeliverDueAsync(stoppingToken) == _batch)
                {
                    // As long as there is more.
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NextTime(logger, e.GetBaseException().Message);
            }
        }
    }

    /// <summary>Tries what is due now.</summary>
    /// <returns>How many mails were tried.</returns>
    internal async Task<int> DeliverDueAsync(CancellationToken cancellationToken)
    {
        List<PendingMail> due;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            var now = time.GetDatabaseNow();
            if (now >= _nextSweep)
            {
                var dropped = await db.PendingMails.Where(m => m.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
                if (dropped > 0)
                    Dropped(logger, dropped);
                _nextSweep = now + _lease;
            }
            if (!delivery.IsOpen)
                return 0;
            var free = now + _lease;
            due = await db.PendingMails.FromSql($"""
                UPDATE pending_mails SET next_try_at = {free}, tries = tries + 1
                WHERE id IN (SELECT id FROM pending_mails WHERE next_try_at <= {now} AND expires_at > {now} ORDER BY next_try_at LIMIT {_batch} FOR UPDATE SKIP LOCKED)
                RETURNING *
                """).AsNoTracking().ToListAsync(cancellationToken);
        }
        await Task.WhenAll(due.Select(m => DeliverAsync(m, cancellationToken)));
        return due.Count;
    }

    private async Task DeliverAsync(PendingMail pending, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        try
        {
            if (await ComposeAsync(pending, scope.ServiceProvider, db, cancellationToken) is { } letter)
                await delivery.DeliverAsync(letter, cancellationToken);
            await db.PendingMails.Where(m => m.Id == pending.Id).ExecuteDeleteAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is SmtpException or SocketException or IOException or UnauthorizedAccessException or OperationCanceledException or FormatException or CryptographicException)
        {
            var pause = mail.Value.PauseAfter(pending.Tries);
            // Neither the address nor the content: a log is read by others.
            Undelivered(logger, pending.Kind, pending.Id, pending.Tries, pause, e.GetBaseException().GetType().Name);
            var next = time.GetDatabaseNow() + pause;
            await db.PendingMails.Where(m => m.Id == pending.Id).ExecuteUpdateAsync(s => s.SetProperty(m => m.NextTryAt, next), cancellationToken);
        }
    }

    /// <summary>The letter; null when there is nobody to send it to, any more or at all.</summary>
    private async Task<Letter?> ComposeAsync(PendingMail pending, IServiceProvider services, AuthDbContext db, CancellationToken cancellationToken)
    {
        var content = Mailbox.Open(pending, keys);
        if (pending is { Kind: MailKind.ResetPassword, LinkId: null })
            return await ResolveResetAsync(pending, content.To, services, db, cancellationToken);
        if (!await db.Accounts.AnyAsync(a => a.Id == pending.AccountId, cancellationToken))
            return null;
        // A link that was used, or recalled, needs no letter.
        if (pending.LinkId is { } link && !await db.OneTimeLinks.AnyAsync(l => l.Id == link && l.UsedAt == null, cancellationToken))
            return null;
        return writer.Write(pending, content, pending.LinkId is { } id ? OneTimeLinks.SecretOf(id, keys) : null);
    }

    /// <summary>Only now, where no caller can measure it, is it looked up who asked.</summary>
    private async Task<Letter?> ResolveResetAsync(
        PendingMail pending, string email, IServiceProvider services, AuthDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.Accounts.FromSql($"SELECT *, xmin FROM accounts WHERE email = {email} FOR UPDATE").AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        if (account is null)
            return null;
        var since = time.GetDatabaseNow() - TimeSpan.FromHours(1);
        // Who has somebody's address shall not be able to fill their inbox.
        var recent = await db.OneTimeLinks.CountAsync(
            l => l.AccountId == account.Id && l.Purpose == LinkPurpose.ResetPassword && l.CreatedAt > since, cancellationToken);
        if (recent >= auth.Value.ResetsPerHour)
            return null;
        var link = services.GetRequiredService<OneTimeLinks>().Issue(account, LinkPurpose.ResetPassword, account.Email, pending.ExpiresAt);
        await db.SaveChangesAsync(cancellationToken);
        // From here on a further try sends the same link.
        await db.PendingMails.Where(m => m.Id == pending.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.LinkId, link.Id).SetProperty(m => m.AccountId, account.Id), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return writer.Write(pending, new MailContent(account.Email, account.Name, new Dictionary<string, string>()), OneTimeLinks.SecretOf(link.Id, keys));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Neither Mail:Smtp:Host nor Mail:Folder is set: no mail leaves")]
    private static partial void NoWayOut(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking for mail failed; the next turn does it: {Reason}")]
    private static partial void NextTime(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind} {MailId} could not be delivered at try {Tries}; again in {Pause}: {Reason}")]
    private static partial void Undelivered(ILogger logger, MailKind kind, Guid mailId, int tries, TimeSpan pause, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} mails came too late to be of use and were dropped")]
    private static partial void Dropped(ILogger logger, int count);
}
