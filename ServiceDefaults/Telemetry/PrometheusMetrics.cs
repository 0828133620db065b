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
    private readonly ConcurrentDictionary<(string Name, string Labels), MetricSeries> _series = new();
    private readonly Lock _writing = new();

    /// <summary>Starts listening.</summary>
    public PrometheusMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_renamed.ContainsKey(instrument.Name) || instrument.Meter.Name.StartsWith("TalentSphere.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument, new Measured(instrument, this));
        };
        _listener.SetMeasurementEventCallback<double>((_, v, t, s) => ((Measured)s!).Record(v, t));
        _listener.SetMeasurementEventCallback<long>((_, v, t, s) => ((Measured)s!).Record(v, t));
        _listener.SetMeasurementEventCallback<int>((_, v, t, s) => ((Measured)s!).Record(v, t));
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

    /// <summary>One instrument: finds the series of a measurement without writing its labels anew each time.</summary>
    private sealed class Measured
    {
        // Of what a measurement says only what becomes a label tells series apart; labels are few fixed words, so that this stays small.
        private readonly ConcurrentDictionary<TagValues, (MetricSeries Series, MetricSeries? Count)> _known = new();
        private readonly PrometheusMetrics _metrics;
        private readonly string _name;
        private readonly MetricKind _kind;
        private readonly bool _observable;
        private readonly bool _ours;
        private readonly bool _unlabelled;

        public Measured(Instrument instrument, PrometheusMetrics metrics)
        {
            _metrics = metrics;
            _name = _renamed.GetValueOrDefault(instrument.Name) ?? instrument.Name.Replace('.', '_').Replace('-', '_');
            _observable = instrument.IsObservable;
            _ours = instrument.Meter.Name.StartsWith("TalentSphere.", StringComparison.Ordinal);
            _unlabelled = instrument.Name.StartsWith("db.", StringComparison.Ordinal);
            _kind = instrument switch
            {
                _ when instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal) => MetricKind.Histogram,
                _ when instrument.GetType().Name.StartsWith("ObservableCounter", StringComparison.Ordinal) => MetricKind.Counter,
                { IsObservable: true } => MetricKind.Gauge,
                _ when instrument.GetType().Name.StartsWith("UpDownCounter", StringComparison.Ordinal) => MetricKind.Gauge,
                _ => MetricKind.Counter,
            };
        }

        public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (_observable)
            {
                SeriesOf(_name, Labels(tags), _kind).Observe(value);
                return;
            }
            var (series, count) = Find(tags);
            series.Add(value);
            count?.Add(1);
        }

        private (MetricSeries Series, MetricSeries? Count) Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var values = new TagValues();
            if (!_unlabelled)
            {
                foreach (var (key, value) in tags)
                {
                    if (value is null || (!_ours && !_labels.ContainsKey(key)))
                        continue;
                    // More than a key holds: rare enough to be written out.
                    if (!values.TryAdd(key, value))
                        return Make(tags);
                }
            }
            return _known.TryGetValue(values, out var known) ? known : _known[values] = Make(tags);
        }

        private (MetricSeries Series, MetricSeries? Count) Make(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = Labels(tags);
            return (SeriesOf(_name, labels, _kind), _name == "http_request_duration_seconds" ? SeriesOf("http_requests_total", labels, MetricKind.Counter) : null);
        }

        private MetricSeries SeriesOf(string name, string labels, MetricKind kind) =>
            _metrics._series.GetOrAdd((name, labels), static (_, k) => new MetricSeries(k), kind);

        private string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.Length == 0 || _unlabelled)
                return "";
            var text = new StringBuilder();
            foreach (var (key, value) in tags)
            {
                if ((_labels.GetValueOrDefault(key) ?? (_ours ? key.Replace('.', '_') : null)) is not { } label || value is null)
                    continue;
                if (text.Length > 0)
                    text.Append(',');
                text.Append(label).Append("=\"")
                    .Append(Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n"))
                    .Append('"');
            }
            return text.ToString();
        }
    }
}
