using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>One line an entry, for people: time, level, category, message, correlation id; an exception follows on lines of its own.</summary>
internal sealed class LineConsoleFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(DateTime.UtcNow.ToString("HH:mm:ss.fff"));
        textWriter.Write(logEntry.LogLevel switch
        {
            LogLevel.Trace => " trce ",
            LogLevel.Debug => " dbug ",
            LogLevel.Information => " info ",
            LogLevel.Warning => " warn ",
            LogLevel.Error => " fail ",
            _ => " crit ",
        });
        textWriter.Write(logEntry.Category.AsSpan(logEntry.Category.LastIndexOf('.') + 1));
        textWriter.Write(": ");
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        // A line stays a line, whatever a caller put into a path.
        foreach (var c in message)
            textWriter.Write(char.IsControl(c) ? ' ' : c);
        scopeProvider?.ForEachScope(static (scope, writer) =>
        {
            if (scope is not IReadOnlyList<KeyValuePair<string, object?>> values)
                return;
            foreach (var (key, value) in values)
            {
                if (key == "CorrelationId")
                {
                    writer.Write(" [");
                    writer.Write(value);
                    writer.Write(']');
                }
            }
        }, textWriter);
        textWriter.WriteLine();
        if (logEntry.Exception is not null)
            textWriter.WriteLine(logEntry.Exception.ToString());
    }
}
