using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SignIn;

/// <summary>Somebody says that an account is theirs.</summary>
/// <param name="Act">What for, one of <see cref="AuditActs"/>.</param>
/// <param name="Email">The normalised address that they name.</param>
/// <param name="Account">The account under that address; null when there is none, which takes the same time.</param>
/// <param name="Caller">Where it comes from.</param>
internal sealed record Claimed(string Act, string Email, Account? Account, Caller Caller)
{
    /// <summary>The session whose token the caller has shown, where they did.</summary>
    public Session? Session { get; init; }

    /// <summary>The device that the caller has proved to use, where they did.</summary>
    public KnownDevice? Device { get; init; }

    /// <summary>True for somebody of whom nothing is known but that they know an address.</summary>
    public bool IsStranger => Session is null && Device is null;
}

/// <summary>Checks passwords, wherever one is asked for: locked, counted and written down the same way everywhere.</summary>
/// <remarks>
/// Whom a lock keeps out is counted by what they have shown. Strangers share one count per account, so that guessing from a thousand places is guessing from one;
/// a known device and a session have a count each, so that strangers, who need only know an address, can neither keep the owner out nor lock a session's owner out
/// of their own account. Every failure counts for strangers, too.
/// </remarks>
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
        if (await RefuseLockedAsync(claim, cancellationToken) is { } locked)
            return locked;
        // From here on a known and an unknown address go the same way and do the same work.
        if (!await passwords.VerifyAsync(claim.Account?.PasswordHash, password, cancellationToken) || claim.Account is null)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            return await CountAsync(claim, wrong, detail: null, cancellationToken);
        }
        return await RefuseLockedAsync(claim, cancellationToken);
    }

    /// <summary>Counts and writes down a proof that was wrong, and commits.</summary>
    public async Task<ApiProblem> CountAsync(Claimed claim, Func<ApiProblem> wrong, string? detail, CancellationToken cancellationToken)
    {
        var gate = GateOf(claim);
        var locked = await signInLock.CountFailureAsync(gate, cancellationToken) ? null : await signInLock.RemainingAsync(gate, cancellationToken);
        if (!claim.IsStranger)
            await signInLock.CountFailureAsync(signInLock.KeyOf(claim.Email), cancellationToken);
        // Last, so that no two wait for each other.
        if (claim.Session is null && signInLock.KeyOfAddress(claim.Caller) is { } address)
            await signInLock.CountAddressFailureAsync(address, cancellationToken);
        await audit.WriteAsync(Note(claim, locked is null ? AuditOutcome.Failed : AuditOutcome.Locked, detail), cancellationToken);
        await db.Database.CurrentTransaction!.CommitAsync(cancellationToken);
        return locked is { } since ? SignInLock.Refusal(since) : wrong();
    }

    /// <summary>Forgets failures after a success, in its transaction.</summary>
    public Task ForgetAsync(Claimed claim, CancellationToken cancellationToken) => signInLock.ForgetAsync(GateOf(claim), cancellationToken);

    /// <summary>How long the claim is locked; null when it is not.</summary>
    public Task<TimeSpan?> RemainingAsync(Claimed claim, CancellationToken cancellationToken) => signInLock.RemainingAsync(GateOf(claim), cancellationToken);

    private byte[] GateOf(Claimed claim) => claim switch
    {
        { Session: { } session } => signInLock.KeyOfSession(session.Id),
        { Device: { } device } => signInLock.KeyOfDevice(device.Id),
        _ => signInLock.KeyOf(claim.Email),
    };

    private async Task<ApiProblem?> RefuseLockedAsync(Claimed claim, CancellationToken cancellationToken)
    {
        if (claim.IsStranger && signInLock.KeyOfAddress(claim.Caller) is { } address && await signInLock.RemainingAsync(address, cancellationToken) is { } flood)
        {
            await audit.WriteAloneAsync(Note(claim, AuditOutcome.Locked, "address"), cancellationToken);
            return SignInLock.AddressRefusal(flood);
        }
        if (await RemainingAsync(claim, cancellationToken) is not { } remaining)
            return null;
        await audit.WriteAloneAsync(Note(claim, AuditOutcome.Locked, detail: null), cancellationToken);
        return SignInLock.Refusal(remaining);
    }

    private static AuditNote Note(Claimed claim, AuditOutcome outcome, string? detail) => new(claim.Act, outcome, claim.Caller)
    {
        Actor = claim.Session?.AccountId,
        Target = claim.Account?.Id,
        Subject = claim.Account?.Id,
        Email = claim.Email,
        Detail = detail,
    };
}
