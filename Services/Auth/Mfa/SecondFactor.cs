using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Mfa;

/// <summary>Asks for the second factor of accounts that have one.</summary>
internal sealed class SecondFactor(AuthDbContext db, ServerKeys keys, PasswordProof proof, AuditTrail audit, Mailbox mailbox, TimeProvider time)
{
    /// <summary>The longest code that is looked at, in characters.</summary>
    public const int MaxCodeLength = 32;

    private const int _recoveryCodes = 10;
    private const int _recoveryCodeLength = 10;
    private const string _alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    private AuditNote? _used;

    /// <summary>
    /// Why the claim is refused; null when the account has no second factor or the code is right, and then used up by the caller's transaction. Whoever asks at the
    /// same time waits: of any number who show one code, one gets in, and guesses are counted one by one.
    /// </summary>
    /// <param name="claim">Whose password was right.</param>
    /// <param name="code">Of the authenticator, or a recovery code; null when none was sent.</param>
    /// <param name="context">For the answer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ApiProblem?> RefuseAsync(Claimed claim, string? code, HttpContext context, CancellationToken cancellationToken)
    {
        var account = claim.Account!;
        var authenticator = await LockAsync(account.Id, cancellationToken);
        if (authenticator?.ConfirmedAt is null)
            return null;
        if (string.IsNullOrWhiteSpace(code))
        {
            await audit.WriteAsync(Note(claim, AuditOutcome.Challenged), cancellationToken);
            await db.Database.CurrentTransaction!.CommitAsync(cancellationToken);
            return context.Unauthorized("AUTH_MFA_REQUIRED", "Send a code of your authenticator, or a recovery code, as well.");
        }
        // Others may have guessed too often while this one waited.
        if (await proof.RemainingAsync(claim, cancellationToken) is { } locked)
        {
            await audit.WriteAsync(Note(claim, AuditOutcome.Locked), cancellationToken);
            await db.Database.CurrentTransaction!.CommitAsync(cancellationToken);
            return SignInLock.Refusal(locked);
        }
        if (await UseAsync(authenticator, account, claim, code, cancellationToken))
            return null;
        return await proof.CountAsync(
            claim, () => context.Unauthorized("AUTH_MFA_INVALID", "This code is wrong, or was used before."), "second factor", cancellationToken);
    }

    /// <summary>Writes down that a recovery code was used, if one was: with the rest of the audit, when no other lock is waited for any more.</summary>
    public Task WriteAsync(CancellationToken cancellationToken) => _used is null ? Task.CompletedTask : audit.WriteAsync(_used, cancellationToken);

    /// <summary>The account's authenticator, for this transaction alone.</summary>
    public async Task<Authenticator?> LockAsync(Guid accountId, CancellationToken cancellationToken)
    {
        // The account first, as everybody does: a session that is opened next needs it as well.
        await db.Database.ExecuteSqlAsync($"SELECT id FROM accounts WHERE id = {accountId} FOR KEY SHARE", cancellationToken);
        return await db.Authenticators.FromSql($"SELECT * FROM authenticators WHERE account_id = {accountId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Uses a code of the authenticator up, if it is one.</summary>
    public bool UseCode(Authenticator authenticator, string code)
    {
        var secret = keys.Open(authenticator.SealedSecret, authenticator.AccountId.ToString(), ServerKeyPurpose.AuthenticatorEncryption);
        var step = Totp.Find(secret, code, time.GetUtcNow(), authenticator.LastStep);
        CryptographicOperations.ZeroMemory(secret);
        if (step is null)
            return false;
        authenticator.LastStep = step.Value;
        return true;
    }

    /// <summary>Replaces the account's recovery codes by fresh ones, in the unit of work.</summary>
    /// <returns>The codes: nobody will see them again.</returns>
    public async Task<IReadOnlyList<string>> RenewCodesAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.RecoveryCodes.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        var codes = Enumerable.Range(0, _recoveryCodes).Select(_ => RandomNumberGenerator.GetString(_alphabet, _recoveryCodeLength).Insert(_recoveryCodeLength / 2, "-")).ToList();
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { AccountId = accountId, CodeDigest = DigestOf(accountId, Fold(code)) }));
        return codes;
    }

    private async Task<bool> UseAsync(Authenticator authenticator, Account account, Claimed claim, string code, CancellationToken cancellationToken)
    {
        var folded = Fold(code);
        if (folded.Length == Totp.Digits && folded.All(char.IsAsciiDigit))
        {
            if (!UseCode(authenticator, folded))
                return false;
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        var (digest, now) = (DigestOf(account.Id, folded), time.GetDatabaseNow());
        var used = await db.RecoveryCodes.Where(c => c.AccountId == account.Id && c.CodeDigest == digest && c.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.UsedAt, now), cancellationToken);
        if (used == 0)
            return false;
        var left = await db.RecoveryCodes.CountAsync(c => c.AccountId == account.Id && c.UsedAt == null, cancellationToken);
        mailbox.Notify(MailKind.RecoveryCodeUsed, account, ("left", left.ToString()));
        await db.SaveChangesAsync(cancellationToken);
        _used = new(AuditActs.MfaRecoveryCodeUsed, AuditOutcome.Succeeded, claim.Caller) { Actor = account.Id, Target = account.Id, Detail = $"left: {left}" };
        return true;
    }

    private byte[] DigestOf(Guid accountId, string folded) => keys.Fingerprint(ServerKeyPurpose.RecoveryCode, $"{accountId}\n{folded}");

    private static string Fold(string code) => new([.. code.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    private static AuditNote Note(Claimed claim, AuditOutcome outcome) => new(claim.Act, outcome, claim.Caller)
    {
        Actor = claim.Session?.AccountId,
        Target = claim.Account!.Id,
        Subject = claim.Account.Id,
        Detail = "second factor",
    };
}
