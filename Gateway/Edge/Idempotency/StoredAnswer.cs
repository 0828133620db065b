using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Exchanges;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>An answer as it is repeated.</summary>
/// <param name="Status">The status; 0 when the answer was too long to keep.</param>
/// <param name="Headers">What describes it, and where to go from it.</param>
/// <param name="Body">The body.</param>
internal sealed record StoredAnswer(int Status, IReadOnlyList<(string Name, string?[] Values)> Headers, ReadOnlyMemory<byte> Body)
{
    private static readonly string[] _repeated = [.. DescriptiveHeaders.Names, HeaderNames.Location, HeaderNames.RetryAfter];

    /// <summary>Stands for an answer that was too long to keep.</summary>
    public static StoredAnswer NotKept { get; } = new(0, [], default);

    public static StoredAnswer Of(HttpResponse response, ReadOnlyMemory<byte> body) => new(
        response.StatusCode,
        [.. _repeated.Where(response.Headers.ContainsKey).Select(name => (name, response.Headers[name].ToArray()))],
        body);

    public static StoredAnswer Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var status = reader.ReadUInt16();
        var headers = new (string, string?[])[reader.ReadByte()];
        for (var i = 0; i < headers.Length; i++)
        {
            var name = reader.ReadString();
            var values = new string?[reader.ReadByte()];
            for (var j = 0; j < values.Length; j++)
                values[j] = reader.ReadString();
            headers[i] = (name, values);
        }
        return new(status, headers, bytes.AsMemory((int)reader.BaseStream.Position));
    }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream(Body.Length + 512);
        using var writer = new BinaryWriter(bytes);
        writer.Write((ushort)Status);
        writer.Write((byte)Headers.Count);
        foreach (var (name, values) in Headers)
        {
            writer.Write(name);
            writer.Write((byte)values.Length);
            foreach (var value in values)
                writer.Write(value ?? "");
        }
        writer.Write(Body.Span);
        return bytes.ToArray();
    }

    public async Task RepeatAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        foreach (var (name, values) in Headers)
            response.Headers[name] = values;
        response.Headers["Idempotent-Replayed"] = "true";
        if (Body.Length == 0)
            return;
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, context.RequestAborted);
    }
}
