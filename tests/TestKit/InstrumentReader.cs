using System.Diagnostics.Metrics;
using System.Numerics;
using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.TestKit;

/// <summary>
/// Reads an instrument of one service. What a service exports is no measure in a test: the exporter sees every service of its process, and instruments of the same
/// name are one to it.
/// </summary>
public sealed class InstrumentReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<(string Key, string Value)> _tags;
    private double _sum = double.NaN;
    private bool _isObservable;

    /// <summary>Reads <paramref name="name"/>, of the measurements only those with all of <paramref name="tags"/>.</summary>
    public InstrumentReader(IServiceProvider services, string name, params IReadOnlyList<(string Key, string Value)> tags)
    {
        _tags = tags;
        var meters = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, meters) || instrument.Name != name)
                return;
            _isObservable = instrument.IsObservable;
            listener.EnableMeasurementEvents(instrument);
        };
        Hear<int>();
        Hear<long>();
        Hear<double>();
        _listener.Start();
    }

    /// <summary>What an observable instrument says now.</summary>
    /// <returns>NaN when it says nothing.</returns>
    public static double Read(IServiceProvider services, string name, params IReadOnlyList<(string Key, string Value)> tags)
    {
        using var reader = new InstrumentReader(services, name, tags);
        return reader.Read();
    }

    /// <summary>Of an observable instrument what it says now, of another the sum since this reader was made.</summary>
    /// <returns>NaN when nothing was measured.</returns>
    public double Read()
    {
        lock (_gate)
        {
            if (_isObservable)
            {
                _sum = double.NaN;
                _listener.RecordObservableInstruments();
            }
            return _sum;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Hear<T>()
        where T : struct, INumber<T> => _listener.SetMeasurementEventCallback<T>((_, value, tags, _) =>
    {
        foreach (var (key, wanted) in _tags)
        {
            if (!Has(tags, key, wanted))
                return;
        }
        lock (_gate)
        {
            _sum = (double.IsNaN(_sum) ? 0 : _sum) + double.CreateChecked(value);
        }
    });

    private static bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key, string wanted)
    {
        foreach (var (name, value) in tags)
        {
            if (name == key)
                return value?.ToString() == wanted;
        }
        return false;
    }
}
