using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.Auth.Mfa;

/// <summary>Time-based one-time passwords (RFC 6238 over RFC 4226), as authenticators compute them: HMAC-SHA1, 6 digits, steps of 30 s.</summary>
public static class Totp
{
    /// <summary>The length of a step, in seconds.</summary>
    public const int StepSeconds = 30;

    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    /// <summary>Bytes of a secret: as many as the hash has (RFC 4226 §4, R6).</summary>
    public const int SecretLength = 20;

    private const string _base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The number of the step that a moment lies in.</summary>
    public static long StepAt(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step.</summary>
    /// <param name="secret">Shared with the authenticator.</param>
    /// <param name="step">See <see cref="StepAt"/>.</param>
    /// <param name="digits">6 to 8.</param>
    /// <param name="algorithm">SHA-1 unless given; the RFC's tests use others as well.</param>
    public static string CodeAt(ReadOnlySpan<byte> secret, long step, int digits = Digits, HashAlgorithmName? algorithm = null)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var name = algorithm ?? HashAlgorithmName.SHA1;
#pragma warning disable CA5350 // HMAC-SHA1 is what the RFC says and what every authenticator computes; its weakness is that of collisions, which HMAC does not rest on.
        var hash = name == HashAlgorithmName.SHA512 ? HMACSHA512.HashData(secret, counter)
            : name == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(secret, counter)
            : HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xF)) & 0x7FFF_FFFF;
        return (number % (int)Math.Pow(10, digits)).ToString().PadLeft(digits, '0');
    }

    /// <summary>
    /// The step that a code belongs to: the present one, or the one before or after, for clocks that do not agree; null when it is wrong. All three are computed in any
    /// case, and compared in constant time.
    /// </summary>
    /// <param name="secret">Shared with the authenticator.</param>
    /// <param name="code">As typed.</param>
    /// <param name="now">The time here.</param>
    /// <param name="lastStep">A code was used in that step: neither it nor an older one is good any more.</param>
    public static long? Find(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastStep)
    {
        var typed = Encoding.UTF8.GetBytes(code);
        long? found = null;
        for (var step = StepAt(now) - 1; step <= StepAt(now) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.ASCII.GetBytes(CodeAt(secret, step))) && step > lastStep)
                found ??= step;
        }
        return found;
    }

    /// <summary>Base32 without padding (RFC 4648 §6), as authenticators take secrets.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 / 5) + 1);
        int buffer = 0, bits = 0;
        foreach (var b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
                text.Append(_base32[(buffer >> (bits - 5)) & 31]);
            buffer &= (1 << bits) - 1;
        }
        if (bits > 0)
            text.Append(_base32[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }
}
