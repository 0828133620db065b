using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Accounts;

/// <summary>
/// Opens the accounts that the configuration names: one per role where <c>Auth:Seed:Password</c> is set (development), and the first
/// admin of <c>Auth:Admin</c> where there is none. Costs two queries once done.
/// </summary>
internal sealed partial class SeedAccounts(
    AuthDbContext db, ServerKeys keys, PasswordHashing passwords, IOptions<AuthOptions> options, AuditTrail audit, TimeProvider time, ILogger<SeedAccounts> logger)
        : IStartupTask
{
    /// <summary>The development accounts: address, name, role.</summary>
    public static readonly IReadOnlyList<(string Email, string Name, string Role)> Development =
    [
        ("jobseeker@talentsphere.example", "Jamie Seeker", Roles.JobSeeker),
        ("employer@talentsphere.example", "Erin Employer", Roles.Employer),
        ("instructor@talentsphere.example", "Ira Instructor", Roles.Instructor),
        ("admin@talentsphere.example", "Ada Admin", Roles.Admin),
        ("ops@talentsphere.example", "Oskar Operator", Roles.Ops),
    ];

    private const long _lock = 7_235_406_103;

    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        if (options.Value.Seed.Password is { Length: > 0 } password)
            await SeedDevelopmentAsync(password, cancellationToken);
        if (options.Value.Admin is { Email: { Length: > 0 } email, Password: { Length: > 0 } adminPassword })
            await CreateFirstAdminAsync(email, adminPassword, cancellationToken);
    }

    private async Task SeedDevelopmentAsync(string password, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(cancellationToken);
        var emails = Development.Select(d => d.Email).ToList();
        var existing = await db.Accounts.Where(a => emails.Contains(a.Email)).ToDictionaryAsync(a => a.Email, cancellationToken);
        var hashes = new Dictionary<string, (Task<string> Hash, byte[] Fingerprint)>();
        // Whoever registered under one of the addresses keeps the account as it is: neither password nor role is ours to set.
        var others = existing.Values.Where(a => a.SeedFingerprint is null).ToList();
        foreach (var other in others)
            NotOurs(logger, other.Id);
        var seeded = Development.Where(d => !others.Exists(o => o.Email == d.Email)).ToList();
        foreach (var (email, _, _) in seeded)
        {
            var fingerprint = keys.Fingerprint(ServerKeyPurpose.SeedFingerprint, email + "\n" + password);
            if (!existing.TryGetValue(email, out var account) || !fingerprint.AsSpan().SequenceEqual(account.SeedFingerprint))
                hashes[email] = (passwords.HashAsync(password, cancellationToken), fingerprint);
        }
        var notes = new List<AuditNote>();
        foreach (var (email, name, role) in seeded)
        {
            if (!hashes.TryGetValue(email, out var seed))
            {
                existing[email].Grant(role);
                continue;
            }
            var hash = await seed.Hash;
            if (!existing.TryGetValue(email, out var account))
            {
                account = new Account(email, name, hash, role);
                db.Accounts.Add(account);
                db.Publish(account.Registered());
                notes.Add(Opened(account));
            }
            else
            {
                await EndSessionsAsync(account.Id, cancellationToken);
                notes.Add(new(AuditActs.PasswordChanged, AuditOutcome.Succeeded, null) { Target = account.Id, Subject = account.Id, Detail = "configuration" });
            }
            account.Grant(role);
            account.SeedPassword(hash, seed.Fingerprint);
            account.VerifyEmail(time.GetDatabaseNow());
        }
        await db.SaveChangesAsync(cancellationToken);
        foreach (var note in notes)
            await audit.WriteAsync(note, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (hashes.Count > 0)
            Seeded(logger, hashes.Count);
    }

    /// <summary>Who signed in with the password before has to know the new one.</summary>
    private async Task EndSessionsAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var sessions = await db.Sessions
            .FromSql($"SELECT * FROM sessions WHERE account_id = {accountId} AND revoked_at IS NULL ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
        foreach (var session in sessions.Where(s => s.Revoke(RevocationReason.PasswordSet, now)))
            db.Publish(new UserLoggedOut(accountId, null, null));
    }

    private async Task CreateFirstAdminAsync(string email, string password, CancellationToken cancellationToken)
    {
        if (await AnyAdminAsync(cancellationToken))
            return;
        if (!EmailAddress.IsValid(email))
            throw new InvalidOperationException("Auth:Admin:Email is not an e-mail address.");
        email = await EmailAddress.NormalizeAsync(email, db, cancellationToken);
        var hash = await passwords.HashAsync(password, cancellationToken);
        await using var transaction = await BeginAsync(cancellationToken);
        if (await AnyAdminAsync(cancellationToken))
            return;
        // Whoever registered under that address before knows another password: the role is not handed to them.
        if (await db.Accounts.AnyAsync(a => a.Email == email, cancellationToken))
        {
            Taken(logger);
            return;
        }
        var admin = new Account(email, "Administrator", hash, Roles.Admin);
        admin.VerifyEmail(time.GetDatabaseNow());
        db.Accounts.Add(admin);
        db.Publish(admin.Registered());
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Opened(admin), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        FirstAdmin(logger, admin.Id);
    }

    private static AuditNote Opened(Account account) =>
        new(AuditActs.AccountRegistered, AuditOutcome.Succeeded, null) { Target = account.Id, Subject = account.Id, Detail = "configuration" };

    private Task<bool> AnyAdminAsync(CancellationToken cancellationToken) => db.Accounts.AnyAsync(a => a.Roles.Contains(Roles.Admin), cancellationToken);

    private async Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
        return transaction;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} development accounts opened or given the configured password")]
    private static partial void Seeded(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Account {AccountId} has the address of a development account but was not seeded: it stays as it is")]
    private static partial void NotOurs(ILogger logger, Guid accountId);

    [LoggerMessage(Level = LogLevel.Information, Message = "The first admin is account {AccountId}")]
    private static partial void FirstAdmin(ILogger logger, Guid accountId);

    [LoggerMessage(Level = LogLevel.Error, Message = "There is no admin, and the address in Auth:Admin:Email belongs to an account already: name another one")]
    private static partial void Taken(ILogger logger);
}
