using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>What a caller's requests are counted under.</summary>
internal static class CallerKey
{
    /// <summary>An account's or registered system's id.</summary>
    public static UInt128 Of(Guid user)
    {
        Span<byte> bytes = stackalloc byte[16];
        user.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>
    /// IPv4 whole, IPv6 its /64: whoever is given one of those has 2⁶⁴ addresses (RFC 6177). Connections without an address, which no network gives, count as one.
    /// </summary>
    public static UInt128 Of(IPAddress? address)
    {
        if (address is null)
            return UInt128.Zero;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            address.TryWriteBytes(bytes, out _);
            bytes[8..].Clear();
        }
        else
        {
            // As ::ffff:a.b.c.d, which is no /64 of its own.
            (bytes[10], bytes[11]) = (0xFF, 0xFF);
            if (address.IsIPv4MappedToIPv6)
                address.TryWriteBytes(bytes, out _);
            else
                address.TryWriteBytes(bytes[12..], out _);
        }
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
