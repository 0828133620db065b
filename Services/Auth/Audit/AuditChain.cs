using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Audit;

/// <summary>
/// The arithmetic of the chain: HMAC-SHA256 under keys of the server's, so that whoever can write into the database alone cannot write a chain that holds.
/// Every field goes in with its length: no two entries have the same text.
/// </summary>
internal sealed class AuditChain(ServerKeys keys)
{
    /// <summary>What stands before the first entry.</summary>
    public static byte[] Beginning { get; } = new byte[SHA256.HashSizeInBytes];

    /// <summary>The digest under which an e-mail address is kept.</summary>
    public byte[] DigestOf(string normalizedEmail) => keys.Fingerprint(ServerKeyPurpose.AuditAddress, normalizedEmail);

    /// <summary>What an entry holds of its origin.</summary>
    public byte[] CommitmentTo(AuditOrigin origin)
    {
        var text = new FieldWriter();
        text.Write(origin.Salt);
        text.Write(origin.IpAddress);
        text.Write(origin.UserAgent);
        text.Write(origin.EmailDigest);
        return keys.Fingerprint(ServerKeyPurpose.AuditOrigin, text.Written);
    }

    /// <summary>An entry's hash.</summary>
    public byte[] HashOf(AuditEntry entry, ReadOnlySpan<byte> before)
    {
        var text = new FieldWriter();
        text.Write(entry.Sequence);
        text.Write(entry.At.Ticks / TimeSpan.TicksPerMicrosecond);
        text.Write(entry.Act);
        text.Write(entry.Outcome.ToString());
        text.Write(entry.ActorId?.ToByteArray(bigEndian: true));
        text.Write(entry.TargetId?.ToByteArray(bigEndian: true));
        text.Write(entry.Detail);
        text.Write(entry.CorrelationId);
        text.Write(entry.Commitment);
        text.Write(before);
        return keys.Fingerprint(ServerKeyPurpose.AuditChain, text.Written);
    }

    private sealed class FieldWriter
    {
        private readonly MemoryStream _stream = new(256);

        public ReadOnlySpan<byte> Written => _stream.GetBuffer().AsSpan(0, (int)_stream.Length);

        public void Write(long number)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
            _stream.Write(bytes);
        }

        public void Write(string? text) => Write(text is null ? null : Encoding.UTF8.GetBytes(text));

        public void Write(byte[]? bytes)
        {
            // Nothing and something empty are not the same.
            if (bytes is null)
                Write(-1L);
            else
                Write(bytes.AsSpan());
        }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Write((long)bytes.Length);
            _stream.Write(bytes);
        }
    }
}
