using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>
/// One line an entry on standard output, for people: time (UTC), level, category, message, correlation id; an exception follows on lines of its own. The
/// framework's console logger makes a system call for each line, which under load is a good part of what a request costs.
/// </summary>
[ProviderAlias("Console")]
internal sealed class LineLoggerProvider : ILoggerProvider
{
    /// <summary>The value of <c>Logging:Console:FormatterName</c> that stands for this form, which is also the default.</summary>
    public const string FormName = "line";

    private readonly LineWriter _lines = new(Console.OpenStandardOutput());

    public LineLoggerProvider()
    {
        AppDomain.CurrentDomain.ProcessExit += Flush;
        AppDomain.CurrentDomain.UnhandledException += Flush;
    }

    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], _lines);

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Flush;
        AppDomain.CurrentDomain.UnhandledException -= Flush;
        _lines.Dispose();
    }

    private void Flush(object? sender, EventArgs e) => _lines.Dispose();
}

/// <summary>Makes the lines of one category.</summary>
internal sealed class LineLogger(string category, LineWriter lines) : ILogger
{
    /// <summary>What would end a line, or do something to the terminal it is read on.</summary>
    private static readonly SearchValues<char> _controls =
        SearchValues.Create(Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(c => (char)c).ToArray());

    private static readonly byte[][] _levels = [.. ((string[])["trce", "dbug", "info", "warn", "fail", "crit"]).Select(l => Encoding.UTF8.GetBytes($" {l} "))];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    private readonly byte[] _category = Encoding.UTF8.GetBytes(category + ": ");

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <summary>The correlation id, which every line carries, is known to the flow itself.</summary>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.None)
            return;
        var message = formatter(state, exception);
        var line = _buffer ?? new ArrayBufferWriter<byte>(512);
        // Whatever is called below and logs in turn finds a buffer of its own.
        _buffer = null;
        DateTime.UtcNow.TryFormat(line.GetSpan(12), out var time, "HH:mm:ss.fff", CultureInfo.InvariantCulture);
        line.Advance(time);
        line.Write(_levels[(int)logLevel]);
        line.Write(_category);
        Write(line, message);
        if (Correlation.Known is { } correlation)
        {
            line.Write(" ["u8);
            Encoding.UTF8.GetBytes(correlation, line);
            line.Write("]"u8);
        }
        line.Write("\n"u8);
        if (exception is not null)
        {
            // Indented, so that no line of it can be taken for one of the log's own.
            foreach (var part in exception.ToString().AsSpan().EnumerateLines())
            {
                line.Write("   "u8);
                Write(line, part);
                line.Write("\n"u8);
            }
        }
        lines.Write(line.WrittenSpan, atOnce: logLevel >= LogLevel.Error);
        line.ResetWrittenCount();
        // One long line does not keep its memory for ever.
        if (line.Capacity <= 16 * 1024)
            _buffer = line;
    }

    /// <summary>A line stays a line, whatever a caller put into a path.</summary>
    private static void Write(ArrayBufferWriter<byte> line, ReadOnlySpan<char> text)
    {
        for (int control; (control = text.IndexOfAny(_controls)) >= 0; text = text[(control + 1)..])
        {
            Encoding.UTF8.GetBytes(text[..control], line);
            line.Write(" "u8);
        }
        Encoding.UTF8.GetBytes(text, line);
    }
}
