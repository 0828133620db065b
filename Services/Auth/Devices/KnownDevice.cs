using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Devices;

/// <summary>
/// Where somebody has signed in before. Its secret stays on the device: whoever shows it is not a stranger, so that strangers' guesses do not lock them out. What
/// the device is and where it stands are kept as keyed digests only, to be compared.
/// </summary>
public sealed class KnownDevice
{
    public Guid Id { get; init; }

    public Guid AccountId { get; init; }

    /// <summary>SHA-256 of the secret, which has 256 bits.</summary>
    public byte[] SecretHash { get; init; } = [];

    /// <summary>Of the account and the device's name.</summary>
    public byte[] NameDigest { get; init; } = [];

    /// <summary>Of the account and the network.</summary>
    public byte[] NetworkDigest { get; init; } = [];

    public DateTime CreatedAt { get; init; }

    public DateTime LastUsedAt { get; init; }
}

/// <summary>Knows devices again.</summary>
internal sealed class KnownDevices(AuthDbContext db, ServerKeys keys, TimeProvider time)
{
    /// <summary>Devices that an account is known by; the one that was not used for longest gives way.</summary>
    public const int MostPerAccount = 50;

    /// <summary>A device that was not used for that long is a stranger.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(180);

    /// <summary>The device that shows this secret; null for a stranger. The same work whether the account is there or not.</summary>
    public Task<KnownDevice?> FindAsync(Guid? accountId, string? secret, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(secret))
            return Task.FromResult<KnownDevice?>(null);
        var (hash, oldest) = (RefreshSecrets.Hash(secret), time.GetDatabaseNow() - Memory);
        return db.KnownDevices.AsNoTracking().SingleOrDefaultAsync(d => d.SecretHash == hash && d.AccountId == accountId && d.LastUsedAt > oldest, cancellationToken);
    }

    /// <summary>True when somebody signed in from such a device in such a network before.</summary>
    public Task<bool> IsFamiliarAsync(Guid accountId, Caller caller, CancellationToken cancellationToken)
    {
        var (name, network) = DigestsOf(accountId, caller);
        return db.KnownDevices.AnyAsync(d => d.AccountId == accountId && d.NameDigest == name && d.NetworkDigest == network, cancellationToken);
    }

    /// <summary>Adds a device to the unit of work.</summary>
    /// <returns>Its id, and the secret that it is to keep.</returns>
    public (Guid Id, string Secret) Remember(Guid accountId, Caller caller)
    {
        var (secret, now) = (RefreshSecrets.New(), time.GetDatabaseNow());
        var (name, network) = DigestsOf(accountId, caller);
        var device = new KnownDevice
        {
            Id = Guid.CreateVersion7(),
            AccountId = accountId,
            SecretHash = RefreshSecrets.Hash(secret),
            NameDigest = name,
            NetworkDigest = network,
            CreatedAt = now,
            LastUsedAt = now,
        };
        db.KnownDevices.Add(device);
        return (device.Id, secret);
    }

    /// <summary>Notes a use, and forgets what is too much.</summary>
    public async Task TouchAsync(Guid accountId, Guid deviceId, CancellationToken cancellationToken)
    {
        var now = time.GetDatabaseNow();
        await db.KnownDevices.Where(d => d.Id == deviceId).ExecuteUpdateAsync(s => s.SetProperty(d => d.LastUsedAt, now), cancellationToken);
        await db.Database.ExecuteSqlAsync($"""
            DELETE FROM known_devices WHERE id IN (
                SELECT id FROM known_devices WHERE account_id = {accountId} ORDER BY last_used_at DESC, id DESC OFFSET {MostPerAccount} FOR UPDATE SKIP LOCKED)
            """, cancellationToken);
    }

    /// <summary>Forgets all devices of an account but one: they may be somebody else's.</summary>
    public Task<int> ForgetAsync(Guid accountId, Guid? keep, CancellationToken cancellationToken) =>
        db.KnownDevices.Where(d => d.AccountId == accountId && d.Id != keep).ExecuteDeleteAsync(cancellationToken);

    /// <summary>What addresses have in common that one person goes through: an IPv4 /24, an IPv6 /48.</summary>
    public static string NetworkOf(string? address)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            return "nowhere";
        var bytes = parsed.GetAddressBytes();
        Array.Clear(bytes, parsed.AddressFamily == AddressFamily.InterNetwork ? 3 : 6, parsed.AddressFamily == AddressFamily.InterNetwork ? 1 : 10);
        return new IPAddress(bytes).ToString();
    }

    private (byte[] Name, byte[] Network) DigestsOf(Guid accountId, Caller caller) => (
        keys.Fingerprint(ServerKeyPurpose.KnownDevice, $"{accountId}\nname\n{DeviceName.Of(caller.UserAgent)}"),
        keys.Fingerprint(ServerKeyPurpose.KnownDevice, $"{accountId}\nnetwork\n{NetworkOf(caller.IpAddress)}"));
}
