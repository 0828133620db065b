using System.Globalization;
using System.Text;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>
/// Writes lines from many threads to one stream, many at a time: a line is there after <see cref="_gathering"/> at the latest, an urgent one at once. Memory is
/// bounded. While the reader is slow the writers of lines wait for him; one who has taken nothing for a second is not waited for, what comes then is lost
/// until he reads again, and is counted. <see cref="Dispose"/> writes what is left.
/// </summary>
/// <param name="stream">Where to; not closed.</param>
/// <param name="capacity">The most bytes that wait.</param>
internal sealed class LineWriter(Stream stream, int capacity = LineWriter.DefaultCapacity) : IDisposable
{
    public const int DefaultCapacity = 1 << 20;

    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lastPatience = TimeSpan.FromSeconds(2);

#pragma warning disable MA0158 // System.Threading.Lock has no conditions to wait for.
    private readonly object _gate = new();
#pragma warning restore MA0158
    private byte[] _waiting = new byte[16 * 1024];
    private byte[] _leaving = new byte[16 * 1024];
    private Thread? _writer;
    private int _used;
    private long _lost;
    private bool _idle;
    private bool _urgent;
    private bool _stuck;
    private bool _closed;

    /// <summary>Takes a line, its end included.</summary>
    /// <param name="line">UTF-8.</param>
    /// <param name="atOnce">It does not wait for company.</param>
    public void Write(ReadOnlySpan<byte> line, bool atOnce = false)
    {
        lock (_gate)
        {
            if (_closed && _writer is null)
            {
                stream.Write(line);
                return;
            }
            if (!HasRoom(line.Length))
            {
                _lost++;
                return;
            }
            if (_waiting.Length < _used + line.Length)
                Array.Resize(ref _waiting, Math.Max(2 * _waiting.Length, _used + line.Length));
            line.CopyTo(_waiting.AsSpan(_used));
            _used += line.Length;
            if (_writer is null)
                Start();
            var hurry = !_urgent && (atOnce || _used > capacity / 2);
            if (!hurry && !_idle)
                return;
            _urgent |= hurry;
            _idle = false;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        Thread? writer;
        lock (_gate)
        {
            _closed = true;
            writer = _writer;
            Monitor.PulseAll(_gate);
        }
        // Who has not read for so long is not going to.
        writer?.Join(_lastPatience);
    }

    private bool HasRoom(int length)
    {
        // An empty buffer takes even what is longer than all of it.
        var until = Environment.TickCount64 + (long)_patience.TotalMilliseconds;
        while (_used > 0 && _used + length > capacity)
        {
            var left = until - Environment.TickCount64;
            if (_stuck || left <= 0 || !Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left)))
            {
                _stuck = true;
                return false;
            }
        }
        return true;
    }

    private void Start()
    {
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "log writer" };
        _writer.Start();
    }

    private void WriteAll()
    {
        while (Take() is { Count: > 0 } lines)
        {
            var written = TryWrite(lines);
            long lost;
            lock (_gate)
            {
                _lost += written ? 0 : lines.AsSpan().Count((byte)'\n');
                lost = written ? _lost : 0;
                _lost -= lost;
                _stuck = !written;
            }
            if (lost > 0)
                TryWrite(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} warn {nameof(LineWriter)}: {lost} lines were lost: nobody took them.\n")));
        }
    }

    /// <summary>False when the stream takes nothing: a full disk is no reason to end a service.</summary>
    private bool TryWrite(ArraySegment<byte> lines)
    {
        try
        {
            stream.Write(lines);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>All that waits; nothing when it is over.</summary>
    private ArraySegment<byte> Take()
    {
        lock (_gate)
        {
            while (_used == 0 && !_closed)
            {
                _idle = true;
                Monitor.Wait(_gate);
            }
            if (!_urgent && !_closed)
                Monitor.Wait(_gate, _gathering);
            var lines = new ArraySegment<byte>(_waiting, 0, _used);
            (_waiting, _leaving) = (_leaving, _waiting);
            (_used, _idle, _urgent) = (0, false, false);
            if (_closed && lines.Count == 0)
                _writer = null;
            Monitor.PulseAll(_gate);
            return lines;
        }
    }
}
