using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;

namespace TalentSphere.Auth.Accounts;

internal static class AccountLock
{
    /// <summary>The account, for this transaction alone; null when it is gone. Taken before anything else of the account's, as an erasure does.</summary>
    public static Task<Account?> LockAccountAsync(this AuthDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.Accounts.FromSql($"SELECT *, xmin FROM accounts WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
}
