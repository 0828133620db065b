using System.Collections.Concurrent;

namespace TalentSphere.ServiceDefaults.Health;

/// <summary>Knows whether everything that a process does once before it serves is done.</summary>
public sealed class StartupState
{
    private readonly ConcurrentDictionary<object, bool> _steps = new();
    private volatile bool _draining;

    /// <summary>True once every expected step is done.</summary>
    public bool IsStarted => _steps.Values.All(done => done);

    /// <summary>True from SIGTERM on: the process finishes what it has and asks for no more.</summary>
    public bool IsDraining => _draining;

    /// <summary>Announces a step.</summary>
    public void Expect(object step) => _steps.TryAdd(step, false);

    /// <summary>Reports a step done.</summary>
    public void Done(object step) => _steps[step] = true;

    internal void Drain() => _draining = true;
}
