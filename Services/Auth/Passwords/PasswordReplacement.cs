using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Passwords;

/// <summary>What follows from a new password, in the caller's transaction.</summary>
internal sealed class PasswordReplacement(AuthDbContext db, OneTimeLinks links, KnownDevices devices, Mailbox mailbox, TimeProvider time)
{
    /// <summary>Gives the account the password, signs it out everywhere else, makes reset links worthless, announces it.</summary>
    /// <param name="account">Locked.</param>
    /// <param name="hash">Of the new password.</param>
    /// <param name="keep">The session that stays.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many sessions ended.</returns>
    public async Task<int> ApplyAsync(Account account, string hash, Guid? keep, Caller caller, CancellationToken cancellationToken)
    {
        var now = time.GetDatabaseNow();
        account.SetPassword(hash);
        var sessions = await db.Sessions
            .FromSql($"SELECT * FROM sessions WHERE account_id = {account.Id} AND revoked_at IS NULL ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
        var ended = sessions.Where(s => s.Id != keep && s.Revoke(RevocationReason.PasswordSet, now)).ToList();
        foreach (var _ in ended)
            db.Publish(new UserLoggedOut(account.Id, caller.IpAddress, caller.UserAgent));
        db.Publish(new PasswordChanged(account.Id));
        mailbox.Notify(MailKind.PasswordChanged, account);
        await db.SaveChangesAsync(cancellationToken);
        await links.RecallAsync(account.Id, cancellationToken, LinkPurpose.ResetPassword);
        await devices.ForgetAsync(account.Id, sessions.Find(s => s.Id == keep)?.DeviceId, cancellationToken);
        return ended.Count;
    }
}
