using System.Globalization;
using System.Text;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>The kinds of Prometheus' text format.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>The values of one metric under one set of labels. Measurements of many threads take no lock.</summary>
internal sealed class MetricSeries(MetricKind kind)
{
    private static readonly double[] _buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] _counts = kind == MetricKind.Histogram ? new long[_buckets.Length + 1] : [];
    private double _sum;

    public MetricKind Kind { get; } = kind;

    /// <summary>True for instruments that are asked at each writing.</summary>
    public bool IsObserved { get; private set; }

    /// <summary>Adds a measurement.</summary>
    public void Add(double value)
    {
        for (var known = Volatile.Read(ref _sum); ;)
        {
            var seen = Interlocked.CompareExchange(ref _sum, known + value, known);
            // By its bits: what is not a number equals nothing.
            if (BitConverter.DoubleToInt64Bits(seen) == BitConverter.DoubleToInt64Bits(known))
                break;
            known = seen;
        }
        if (_counts.Length > 0)
            Interlocked.Increment(ref _counts[BucketOf(value)]);
    }

    /// <summary>Takes the answer of an instrument that was asked.</summary>
    public void Observe(double value)
    {
        IsObserved = true;
        Volatile.Write(ref _sum, value);
    }

    public void WriteTo(StringBuilder text, string name, string labels)
    {
        if (Kind != MetricKind.Histogram)
        {
            Line(text, name, labels, Volatile.Read(ref _sum));
            return;
        }
        long running = 0;
        for (var i = 0; i <= _buckets.Length; i++)
        {
            running += Volatile.Read(ref _counts[i]);
            var bound = i < _buckets.Length ? _buckets[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            Line(text, name + "_bucket", (labels.Length > 0 ? labels + "," : "") + $"le=\"{bound}\"", running);
        }
        Line(text, name + "_sum", labels, Volatile.Read(ref _sum));
        Line(text, name + "_count", labels, running);
    }

    /// <summary>The first bucket whose bound is not below the value; the one without a bound for what is above them all.</summary>
    private static int BucketOf(double value)
    {
        // Nearly everything is in one of the first.
        var bucket = 0;
        while (bucket < _buckets.Length && !(value <= _buckets[bucket]))
            bucket++;
        return bucket;
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
