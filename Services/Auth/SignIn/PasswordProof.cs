using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SignIn;

/// <summary>Somebody says that an account is theirs.</summary>
/// <param name="Act">What for, one of <see cref="AuditActs"/>.</param>
/// <param name="Email">The normalised address under which failures are counted.</param>
/// <param name="Account">The account under that address; null when there is none, which takes the same time.</param>
/// <param name="Caller">Where it comes from.</param>
internal sealed record Claimed(string Act, string Email, Account? Account, Caller Caller)
{
    /// <summary>The account whose token the caller has shown, where they did.</summary>
    public Guid? SignedIn { get; init; }
}

/// <summary>Checks passwords, wherever one is asked for: locked, counted and written down the same way everywhere.</summary>
internal sealed class PasswordProof(AuthDbContext db, SignInLock signInLock, PasswordHashing passwords, AuditTrail audit)
{
    /// <summary>The answer to somebody who is signed in and does not know the password.</summary>
    public static ApiProblem Wrong() => Api.Forbidden("AUTH_PASSWORD_WRONG", "The password is wrong.");

    /// <summary>Why the claim is refused; null when the password is right.</summary>
    /// <param name="claim">Who it is said to be.</param>
    /// <param name="password">The password.</param>
    /// <param name="wrong">The answer to a wrong one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<ApiProblem?> RefuseAsync(Claimed claim, string password, Func<ApiProblem> wrong, CancellationToken cancellationToken)
    {
        var key = signInLock.KeyOf(claim.Email);
        if (await signInLock.RemainingAsync(key, cancellationToken) is { } locked)
            return await RefuseLockedAsync(claim, locked, cancellationToken);
        // From here on a known and an unknown address go the same way and do the same work.
        if (!await passwords.VerifyAsync(claim.Account?.PasswordHash, password, cancellationToken) || claim.Account is null)
            return await CountAsync(claim, key, wrong, cancellationToken);
        return await signInLock.RemainingAsync(key, cancellationToken) is { } meanwhile ? await RefuseLockedAsync(claim, meanwhile, cancellationToken) : null;
    }

    private async Task<ApiProblem> CountAsync(Claimed claim, byte[] key, Func<ApiProblem> wrong, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await signInLock.CountFailureAsync(key, cancellationToken) ? null : await signInLock.RemainingAsync(key, cancellationToken);
        await audit.WriteAsync(Note(claim, locked is null ? AuditOutcome.Failed : AuditOutcome.Locked), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return locked is { } since ? SignInLock.Refusal(since) : wrong();
    }

    private async Task<ApiProblem> RefuseLockedAsync(Claimed claim, TimeSpan remaining, CancellationToken cancellationToken)
    {
        await audit.WriteAloneAsync(Note(claim, AuditOutcome.Locked), cancellationToken);
        return SignInLock.Refusal(remaining);
    }

    private static AuditNote Note(Claimed claim, AuditOutcome outcome) => new(claim.Act, outcome, claim.Caller)
    {
        Actor = claim.SignedIn,
        Target = claim.Account?.Id,
        Subject = claim.Account?.Id,
        Email = claim.Email,
    };
}
