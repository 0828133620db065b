using System.Buffers.Binary;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>
/// The correlation id that runs with the current asynchronous flow: from the request that began it, through every log line and
/// event, into whatever follows from those.
/// </summary>
public static class Correlation
{
    /// <summary>The header that carries it, in both directions.</summary>
    public const string HeaderName = "x-correlation-id";

    /// <summary>The longest id that is accepted.</summary>
    public const int MaxLength = 128;

    private static readonly AsyncLocal<string?> _current = new();

    /// <summary>The id of the current flow; a fresh one when the flow has none yet.</summary>
    public static string Current => _current.Value ??= New();

    /// <summary>The id of the current flow; null when it has none.</summary>
    internal static string? Known => _current.Value;

    /// <summary>Makes an id: a UUIDv7 (RFC 9562 §5.7). It is no secret, and so no question to the kernel, which each of Guid's own is.</summary>
    public static string New()
    {
        Span<byte> id = stackalloc byte[16];
        Random.Shared.NextBytes(id);
        BinaryPrimitives.WriteInt64BigEndian(id, (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16) | 0x7000 | (uint)((id[6] & 0x0f) << 8) | id[7]);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return Convert.ToHexStringLower(id);
    }

    /// <summary>Sets the id of the current flow, or a fresh one when <paramref name="id"/> is not a sane token.</summary>
    /// <returns>The id in force.</returns>
    public static string Begin(string? id) => _current.Value = IsValid(id) ? id! : New();

    /// <summary>True for 1 to 128 characters of <c>[A-Za-z0-9._-]</c>.</summary>
    public static bool IsValid(string? id)
    {
        if (id is not { Length: > 0 and <= MaxLength })
            return false;
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return false;
        }
        return true;
    }
}
