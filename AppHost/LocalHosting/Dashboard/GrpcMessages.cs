using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// gRPC over HTTP/2 as far as the dashboard speaks it: a message is a 0 byte (not compressed), four bytes of length, big-endian, and the protobuf.
/// </summary>
internal static class GrpcMessages
{
    public const int Ok = 0;
    public const int Unavailable = 14;
    public const int Unauthenticated = 16;

    private const int _headerLength = 5;
    private const int _longestMessage = 4 << 20;

    public static void Begin(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
    }

    public static void End(HttpContext context, int status) =>
        context.Response.AppendTrailer("grpc-status", status.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static async Task<T> ReadAsync<T>(HttpContext context) where T : IMessage<T>, new()
    {
        var header = new byte[_headerLength];
        await context.Request.Body.ReadExactlyAsync(header, context.RequestAborted);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1));
        if (header[0] != 0 || length is < 0 or > _longestMessage)
            throw new BadHttpRequestException("Not an uncompressed gRPC message of a sane length.");
        var body = new byte[length];
        await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        var message = new T();
        message.MergeFrom(body);
        return message;
    }

    public static async Task WriteAsync(HttpContext context, IMessage message, CancellationToken cancellationToken)
    {
        await context.Response.Body.WriteAsync(Frame(message), cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    public static byte[] Frame(IMessage message)
    {
        var size = message.CalculateSize();
        var frame = new byte[_headerLength + size];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(_headerLength));
        return frame;
    }
}
