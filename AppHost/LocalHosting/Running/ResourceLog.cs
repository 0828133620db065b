using System.Text;
using System.Threading.Channels;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>One line of output, numbered from 1 per resource.</summary>
internal sealed record LogEntry(int Number, DateTimeOffset At, string Text, bool IsError)
{
    /// <summary>The form in which the dashboard reads the time of a line.</summary>
    public string Stamped => $"{At.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffff}Z {Text}";
}

/// <summary>The output of one process: the last lines in memory, all of them in a file that is turned over at 8 MiB (one older file is kept).</summary>
internal sealed class ResourceLog(string path, TimeProvider time) : IDisposable
{
    private const int _linesInMemory = 2000;
    private const long _bytesInFile = 8 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _recent = new();
    private readonly List<Channel<LogEntry>> _followers = [];
    private StreamWriter? _file;
    private int _count;

    public string Path { get; } = path;

    public void Append(string text, bool isError = false)
    {
        lock (_gate)
        {
            var entry = new LogEntry(++_count, time.GetUtcNow(), text, isError);
            _recent.Enqueue(entry);
            if (_recent.Count > _linesInMemory)
                _recent.Dequeue();
            foreach (var follower in _followers)
                follower.Writer.TryWrite(entry);
            Write(entry);
        }
    }

    /// <summary>The last line that says something, to quote in an error.</summary>
    public string? LastLine()
    {
        lock (_gate)
            return _recent.LastOrDefault(e => !string.IsNullOrWhiteSpace(e.Text))?.Text.Trim();
    }

    /// <summary>What is in memory, then each new line as it comes, without a gap or an overlap.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> ReadAsync(
        bool follow, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });
        LogEntry[] known;
        lock (_gate)
        {
            known = [.. _recent];
            if (follow)
                _followers.Add(channel);
        }
        try
        {
            if (known.Length > 0)
                yield return known;
            while (follow && await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<LogEntry>();
                while (batch.Count < 500 && channel.Reader.TryRead(out var entry))
                    batch.Add(entry);
                yield return batch;
            }
        }
        finally
        {
            lock (_gate)
                _followers.Remove(channel);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Write(LogEntry entry)
    {
        if (_file is { BaseStream.Length: > _bytesInFile })
        {
            _file.Dispose();
            File.Move(Path, $"{Path}.1", overwrite: true);
            _file = null;
        }
        _file ??= new StreamWriter(new FileStream(Path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        { AutoFlush = true };
        _file.WriteLine(entry.Stamped);
    }
}

internal static class LogLines
{
    private const int _longestLine = 16 * 1024;

    /// <summary>Reads to the end, line by line; a longer line is cut into several, so that no program can fill the AppHost's memory.</summary>
    public static void Pump(TextReader reader, Action<string> line)
    {
        var buffer = new char[4096];
        var pending = new StringBuilder();
        for (int read; (read = reader.Read(buffer, 0, buffer.Length)) > 0;)
        {
            foreach (var c in buffer.AsSpan(0, read))
            {
                if (c != '\n')
                    pending.Append(c);
                if (c == '\n' || pending.Length >= _longestLine)
                {
                    line(pending.ToString().TrimEnd('\r'));
                    pending.Clear();
                }
            }
        }
        if (pending.Length > 0)
            line(pending.ToString());
    }
}
