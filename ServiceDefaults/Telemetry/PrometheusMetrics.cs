using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>
/// Collects this process' instruments and writes them in the Prometheus text format (version 0.0.4). The framework's instruments get
/// the names that the platform promises; instruments of <c>TalentSphere.*</c> meters keep their own.
/// </summary>
public sealed class PrometheusMetrics : IDisposable
{
    private static readonly double[] _buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Framework instrument → our name. Label names follow from <see cref="_labels"/>; others are dropped.</summary>
    private static readonly Dictionary<string, string> _renamed = new()
    {
        ["http.server.request.duration"] = "http_request_duration_seconds",
        ["http.server.active_requests"] = "http_requests_in_flight",
        ["db.client.operation.duration"] = "db_query_duration_seconds",
        ["db.client.commands.duration"] = "db_query_duration_seconds",
    };

    private static readonly Dictionary<string, string> _labels = new()
    {
        ["http.request.method"] = "method",
        ["http.route"] = "route",
        ["http.response.status_code"] = "status",
    };

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), Series> _series = new();
    private readonly Lock _writing = new();

    /// <summary>Starts listening.</summary>
    public PrometheusMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_renamed.ContainsKey(instrument.Name) || instrument.Meter.Name.StartsWith("TalentSphere.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument, NameOf(instrument));
        };
        _listener.SetMeasurementEventCallback<double>(Record);
        _listener.SetMeasurementEventCallback<long>((i, v, t, s) => Record(i, v, t, s));
        _listener.SetMeasurementEventCallback<int>((i, v, t, s) => Record(i, v, t, s));
        _listener.Start();
    }

    /// <summary>The current values.</summary>
    public string Write()
    {
        lock (_writing)
        {
            // An instrument that is asked and has nothing to say is absent; its last answer is not repeated for ever.
            foreach (var (key, _) in _series.Where(s => s.Value.IsObserved))
                _series.TryRemove(key, out _);
            _listener.RecordObservableInstruments();
            return Text();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private string Text()
    {
        var text = new StringBuilder();
        foreach (var family in _series.GroupBy(s => s.Key.Name).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var kind = family.First().Value.Kind;
            text.Append("# TYPE ").Append(family.Key).Append(' ').Append(kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var ((name, labels), series) in family.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
                series.WriteTo(text, name, labels);
        }
        return text.ToString();
    }

    private static string NameOf(Instrument instrument) => _renamed.GetValueOrDefault(instrument.Name) ?? instrument.Name.Replace('.', '_').Replace('-', '_');

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var name = (string)state!;
        var labels = Labels(instrument, tags);
        var kind = instrument switch
        {
            _ when instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal) => Kind.Histogram,
            _ when instrument.GetType().Name.StartsWith("ObservableCounter", StringComparison.Ordinal) => Kind.Counter,
            { IsObservable: true } => Kind.Gauge,
            _ when instrument.GetType().Name.StartsWith("UpDownCounter", StringComparison.Ordinal) => Kind.Gauge,
            _ => Kind.Counter,
        };
        _series.GetOrAdd((name, labels), static (_, k) => new Series(k), kind).Add(value, replace: instrument.IsObservable);
        if (name == "http_request_duration_seconds")
            _series.GetOrAdd(("http_requests_total", labels), static _ => new Series(Kind.Counter)).Add(1, replace: false);
    }

    private static string Labels(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var ours = instrument.Meter.Name.StartsWith("TalentSphere.", StringComparison.Ordinal);
        if (tags.Length == 0 || instrument.Name.StartsWith("db.", StringComparison.Ordinal))
            return "";
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if ((_labels.GetValueOrDefault(key) ?? (ours ? key.Replace('.', '_') : null)) is not { } label || value is null)
                continue;
            if (text.Length > 0)
                text.Append(',');
            text.Append(label).Append("=\"")
                .Append(Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n"))
                .Append('"');
        }
        return text.ToString();
    }

    private enum Kind
    {
        Counter,
        Gauge,
        Histogram,
    }

    private sealed class Series(Kind kind)
    {
        private readonly Lock _lock = new();
        private readonly long[] _counts = kind == Kind.Histogram ? new long[_buckets.Length + 1] : [];
        private double _sum;

        public Kind Kind { get; } = kind;

        /// <summary>True for instruments that are asked at each writing.</summary>
        public bool IsObserved { get; private set; }

        public void Add(double value, bool replace)
        {
            lock (_lock)
            {
                IsObserved = replace;
                _sum = replace ? value : _sum + value;
                if (_counts.Length > 0)
                {
                    var bucket = Array.FindIndex(_buckets, b => value <= b);
                    _counts[bucket < 0 ? _buckets.Length : bucket]++;
                }
            }
        }

        public void WriteTo(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                if (Kind != Kind.Histogram)
                {
                    Line(text, name, labels, _sum);
                    return;
                }
                long running = 0;
                for (var i = 0; i <= _buckets.Length; i++)
                {
                    running += _counts[i];
                    var bound = i < _buckets.Length ? _buckets[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    Line(text, name + "_bucket", (labels.Length > 0 ? labels + "," : "") + $"le=\"{bound}\"", running);
                }
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, running);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
