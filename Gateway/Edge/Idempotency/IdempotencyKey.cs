using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>
/// What a client calls one attempt and all its repetitions (draft-ietf-httpapi-idempotency-key-header). It is also the secret that its answer is sealed with, so
/// it is never stored and never logged.
/// </summary>
/// <param name="Id">Names the attempt of this caller on this route; tells nothing of the key.</param>
/// <param name="SealingKey">32 bytes, made of the key and the body: neither another key nor another body opens the answer.</param>
internal sealed record IdempotencyKey(string Id, byte[] SealingKey)
{
    public const string HeaderName = "Idempotency-Key";

    private const int _shortest = 16;
    private const int _longest = 200;

    private static readonly byte[] _purpose = "talentsphere gateway idempotency 1"u8.ToArray();

    /// <summary>One value of 16 to 200 printable ASCII characters, with or without the quotes of a structured field (RFC 9651).</summary>
    public static bool TryRead(StringValues header, [NotNullWhen(true)] out string? key)
    {
        key = header is [{ } single] ? single : null;
        if (key is ['"', .. var quoted, '"'])
            key = quoted;
        if (key is not { Length: >= _shortest and <= _longest } || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            key = null;
        return key is not null;
    }

    public static IdempotencyKey Of(string key, HttpContext context, ReadOnlySpan<byte> body)
    {
        var request = context.Request;
        using var id = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(id, context.User.FindUserId()?.ToString() ?? $"at {context.Connection.RemoteIpAddress}");
        Append(id, request.Headers["X-Tenant-ID"].ToString());
        Append(id, request.Method);
        Append(id, request.Path.Value ?? "");
        Append(id, request.QueryString.Value ?? "");
        Append(id, key);

        Span<byte> material = stackalloc byte[_longest + SHA256.HashSizeInBytes];
        var length = Encoding.ASCII.GetBytes(key, material);
        SHA256.HashData(body, material[length..]);
        var sealingKey = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, material[..(length + SHA256.HashSizeInBytes)], sealingKey, salt: [], _purpose);
        return new(Convert.ToHexStringLower(id.GetHashAndReset()), sealingKey);
    }

    // With its length in front, so that no two lists of parts read the same.
    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
