using System.Globalization;
using System.Security.Cryptography;

namespace TalentSphere.Auth.Passwords;

/// <summary>
/// A password as it is stored: <c>$pbkdf2-sha512$i=&lt;rounds&gt;$&lt;salt&gt;$&lt;key&gt;</c>, base64 (PBKDF2, RFC 8018 §5.2). The parameters stand
/// in it, so that they can move while old hashes stay good.
/// </summary>
public sealed class PasswordHash
{
    private const string _scheme = "pbkdf2-sha512";
    private const int _saltLength = 16;
    private const int _keyLength = 32;

    private readonly byte[] _salt;
    private readonly byte[] _key;

    private PasswordHash(int rounds, byte[] salt, byte[] key) => (Rounds, _salt, _key) = (rounds, salt, key);

    /// <summary>Rounds of HMAC-SHA512.</summary>
    public int Rounds { get; }

    /// <summary>Hashes a password under a fresh salt: some 100 ms of one core at 210,000 rounds.</summary>
    public static PasswordHash Create(string password, int rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(_saltLength);
        return new(rounds, salt, Derive(password, rounds, salt, _keyLength));
    }

    /// <summary>A hash that no password matches and that costs the same to check.</summary>
    public static PasswordHash Unmatchable(int rounds) =>
        new(rounds, RandomNumberGenerator.GetBytes(_saltLength), RandomNumberGenerator.GetBytes(_keyLength));

    /// <summary>Reads the stored form.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static PasswordHash Parse(string stored)
    {
        if (stored.Split('$') is not ["", _scheme, ['i', '=', .. var rounds], var salt, var key])
            throw new FormatException("Not a stored password hash.");
        return new(int.Parse(rounds, NumberStyles.None, CultureInfo.InvariantCulture), Convert.FromBase64String(salt), Convert.FromBase64String(key));
    }

    /// <summary>True for the password that it was made of; takes the same time either way.</summary>
    public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(Derive(password, Rounds, _salt, _key.Length), _key);

    /// <summary>The stored form.</summary>
    public override string ToString() =>
        $"${_scheme}$i={Rounds.ToString(CultureInfo.InvariantCulture)}${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_key)}";

    private static byte[] Derive(string password, int rounds, byte[] salt, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA512, length);
}
