namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// UUIDv7 in the order of the calls: a counter stands in the twelve bits behind the milliseconds (RFC 9562 §6.2, method 1). Entity
/// Framework inserts the rows of one save in the order of their keys, so this is what keeps events of one save in the order in which
/// they were published.
/// </summary>
internal sealed class EventIds
{
    private const int _last = 0xFFF;

    private readonly Lock _gate = new();
    private long _milliseconds;
    private int _counter;

    public Guid Next(DateTimeOffset now)
    {
        long milliseconds;
        int counter;
        lock (_gate)
        {
            if (now.ToUnixTimeMilliseconds() is var current && current > _milliseconds)
                (_milliseconds, _counter) = (current, 0);
            else if (_counter < _last)
                _counter++;
            else
                (_milliseconds, _counter) = (_milliseconds + 1, 0);
            (milliseconds, counter) = (_milliseconds, _counter);
        }
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | (counter >> 8));
        bytes[7] = (byte)counter;
        return new Guid(bytes, bigEndian: true);
    }
}
