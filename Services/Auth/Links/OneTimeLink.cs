using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Links;

/// <summary>What the holder of a link may do, once.</summary>
public enum LinkPurpose
{
    /// <summary>Show that the account's address is read.</summary>
    VerifyEmail,

    /// <summary>Give the account another address.</summary>
    ChangeEmail,

    /// <summary>Give the account a new password.</summary>
    ResetPassword,
}

/// <summary>A link that was mailed; of its secret only the hash is kept.</summary>
public sealed class OneTimeLink
{
    public Guid Id { get; init; }

    public Guid AccountId { get; init; }

    public LinkPurpose Purpose { get; init; }

    /// <summary>The address that it was sent to, and speaks for.</summary>
    public string Email { get; init; } = "";

    /// <summary>SHA-256 of the secret, which has 256 bits.</summary>
    public byte[] SecretHash { get; init; } = [];

    public DateTime CreatedAt { get; init; }

    public DateTime ExpiresAt { get; init; }

    /// <summary>When it was used, or recalled.</summary>
    public DateTime? UsedAt { get; init; }
}

/// <summary>
/// Makes links and takes them back. A link's secret follows from its id under a server key: whoever sends the mail can compute it, so that it need not be kept
/// anywhere, and nobody who has read the tables can.
/// </summary>
internal sealed class OneTimeLinks(AuthDbContext db, ServerKeys keys, TimeProvider time)
{
    /// <summary>The longest secret that is worth looking at, in characters.</summary>
    public const int MaxSecretLength = 128;

    /// <summary>What the mail carries: 256 bits, base64url.</summary>
    public static string SecretOf(Guid linkId, ServerKeys keys) => Base64Url.EncodeToString(keys.Fingerprint(ServerKeyPurpose.OneTimeLink, linkId.ToString()));

    /// <summary>Adds a link to the unit of work.</summary>
    public OneTimeLink Issue(Account account, LinkPurpose purpose, string email, DateTime expiresAt)
    {
        var id = Guid.CreateVersion7();
        var link = new OneTimeLink
        {
            Id = id,
            AccountId = account.Id,
            Purpose = purpose,
            Email = email,
            SecretHash = Hash(SecretOf(id, keys)),
            CreatedAt = time.GetDatabaseNow(),
            ExpiresAt = expiresAt,
        };
        db.OneTimeLinks.Add(link);
        return link;
    }

    /// <summary>The link that is still good; null when there is none. Nothing is used up by looking.</summary>
    public Task<OneTimeLink?> FindAsync(string secret, CancellationToken cancellationToken, params IReadOnlyCollection<LinkPurpose> purposes)
    {
        var (hash, now) = (Hash(secret), time.GetDatabaseNow());
        return db.OneTimeLinks.AsNoTracking()
            .SingleOrDefaultAsync(l => l.SecretHash == hash && purposes.Contains(l.Purpose) && l.UsedAt == null && l.ExpiresAt > now, cancellationToken);
    }

    /// <summary>Uses a link up. Of any number who try at once one succeeds; the account's row is locked before, as in an erasure.</summary>
    public async Task<bool> TakeAsync(OneTimeLink link, CancellationToken cancellationToken)
    {
        var now = time.GetDatabaseNow();
        return await db.OneTimeLinks.Where(l => l.Id == link.Id && l.UsedAt == null && l.ExpiresAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(l => l.UsedAt, now), cancellationToken) == 1;
    }

    /// <summary>Makes an account's unused links of some purposes worthless.</summary>
    public Task RecallAsync(Guid accountId, CancellationToken cancellationToken, params IReadOnlyCollection<LinkPurpose> purposes)
    {
        var now = time.GetDatabaseNow();
        return db.OneTimeLinks.Where(l => l.AccountId == accountId && purposes.Contains(l.Purpose) && l.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(l => l.UsedAt, now), cancellationToken);
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
