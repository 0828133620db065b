using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>
/// Where a subject stands in a flag, always the same, and in each flag elsewhere: a hash of both, in hundredths of a percent. A share of p percent is the buckets
/// below p · 100, so that a larger share holds the smaller one.
/// </summary>
internal static class Buckets
{
    /// <summary>How many there are.</summary>
    public const int Count = 10_000;

    private const int _longestOnStack = 256;

    /// <summary>The bucket for the roll-out.</summary>
    public static int OfRollout(string flag, string subject) => Of(flag, 'r', subject);

    /// <summary>The bucket for the variants; independent of the other, so that a growing roll-out changes nobody's variant.</summary>
    public static int OfVariant(string flag, string subject) => Of(flag, 'v', subject);

    /// <summary>The buckets that a percentage stands for.</summary>
    public static int InPercent(decimal percent) => (int)decimal.Round(percent * (Count / 100));

    private static int Of(string flag, char purpose, string subject)
    {
        var most = Encoding.UTF8.GetMaxByteCount(flag.Length + subject.Length) + 2;
        var text = most <= _longestOnStack ? stackalloc byte[_longestOnStack] : new byte[most];
        var length = Encoding.UTF8.GetBytes(flag, text);
        text[length++] = 0;
        text[length++] = (byte)purpose;
        length += Encoding.UTF8.GetBytes(subject, text[length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % Count);
    }
}
