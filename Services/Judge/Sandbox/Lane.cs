using System.Net.Sockets;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// Where one box after another is armed, run and cleared away: a thread and, where this process may become other users, a user that nobody else on the machine
/// is at the time.
/// </summary>
internal sealed class Lane : IDisposable
{
    private const string _claim = "\0talentsphere-judge-slot-";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Queue<Action> _work = [];
    private readonly Func<BoxSpec, int?, (Box Box, BoxPlan Plan)> _make;
    private readonly BoxMachine _machine;
    private readonly Socket? _claimed;
    private readonly Thread _thread;

    /// <summary>What stands at the moment, to run or to be cleared away; its thread's alone, as is what it is for.</summary>
    private Box? _box;
    private BoxSpec? _armed;
    private SandboxException? _unfit;

    // Of the queue, behind its lock: how much is to be done or being done, and whether no more will come.
    private int _pending;
    private bool _closed;

    private Lane(int? user, Socket? claimed, BoxMachine machine, Func<BoxSpec, int?, (Box Box, BoxPlan Plan)> make)
    {
        User = user;
        _claimed = claimed;
        _machine = machine;
        _make = make;
        // The kernel ends a box with the thread that started it (PR_SET_PDEATHSIG): a pool's thread could end at any time.
        _thread = new(Work, maxStackSize: 512 * 1024) { IsBackground = true, Name = "box" };
        _thread.Start();
    }

    /// <summary>The user id of this lane; null when boxes run as the user that this process runs as.</summary>
    public int? User { get; }

    /// <summary>True when it has something to run, to arm or to clear away.</summary>
    public bool IsBusy => Volatile.Read(ref _pending) > 0;

    /// <summary>Opens a lane with the first user id of the range that nobody has claimed. The kernel drops a claim with the process that made it.</summary>
    /// <param name="machine">What boxes are made of.</param>
    /// <param name="users">The range, or null where this process cannot become others.</param>
    /// <param name="make">Makes a box for a user, and says how to arm it.</param>
    public static Lane Open(BoxMachine machine, IEnumerable<int>? users, Func<BoxSpec, int?, (Box Box, BoxPlan Plan)> make)
    {
        if (users is null)
            return new(user: null, claimed: null, machine, make);
        foreach (var user in users)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint(_claim + user));
                return new(user, socket, machine, make);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
        throw new SandboxException("every user id for slots is taken");
    }

    /// <summary>Has a box stand ready by the time that <see cref="RunAsync"/> is called with the same. Where that fails, it is tried again then.</summary>
    public void Prepare(BoxSpec spec) => Enqueue(() =>
    {
        try
        {
            Arm(spec);
        }
        catch (SandboxException)
        {
            _armed = null;
        }
    });

    /// <summary>Runs a box; cancelling ends it at once. What is left of it is cleared away behind the outcome's back: <see cref="ClearAsync"/> waits for that.</summary>
    /// <param name="spec">What runs.</param>
    /// <param name="entered">Called on the box's thread as soon as it stands.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException">The sandbox failed, not the program.</exception>
    public async Task<BoxOutcome> RunAsync(BoxSpec spec, Action entered, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<BoxOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = Native.EventDescriptor();
        try
        {
            await using var registration = cancellationToken.Register(() => Native.Signal(cancelled));
            Enqueue(() =>
            {
                try
                {
                    if (!ReferenceEquals(_armed, spec))
                        Arm(spec);
                    _armed = null;
                    entered();
                    done.SetResult(_box!.Run(cancelled));
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
                TryClear();
            });
            var outcome = await done.Task;
            cancellationToken.ThrowIfCancellationRequested();
            return outcome;
        }
        finally
        {
            Native.Close(cancelled);
        }
    }

    /// <summary>Until nothing is left of the last box, nor of one that was prepared and has not run.</summary>
    public Task ClearAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            TryClear();
            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>Waits for its boxes to be gone.</summary>
    public void Dispose()
    {
        lock (_work)
        {
            _closed = true;
            Monitor.Pulse(_work);
        }
        _thread.Join(_patience);
        _claimed?.Dispose();
    }

    private void Arm(BoxSpec spec)
    {
        if (_unfit is not null)
            throw _unfit;
        Clear();
        (_box, var plan) = _make(spec, User);
        _box.Arm(_machine, plan);
        _armed = spec;
    }

    private void Clear()
    {
        _armed = null;
        _box?.Clear();
        _box = null;
    }

    /// <summary>What could not be cleared away stays in the way of the next box, which is told why.</summary>
    private void TryClear()
    {
        try
        {
            Clear();
        }
        catch (SandboxException)
        {
            _armed = null;
        }
    }

    private void Work()
    {
        try
        {
            if (User is not null)
                Native.GiveUpWhatChildrenCouldGain();
        }
        catch (SandboxException e)
        {
            _unfit = e;
        }
        while (Next() is { } action)
        {
            action();
            Interlocked.Decrement(ref _pending);
        }
        TryClear();
    }

    private void Enqueue(Action action)
    {
        lock (_work)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            Interlocked.Increment(ref _pending);
            _work.Enqueue(action);
            Monitor.Pulse(_work);
        }
    }

    /// <summary>Sleeps until there is something to do, without the turns that ready-made queues take first: others need the processor.</summary>
    private Action? Next()
    {
        lock (_work)
        {
            Action? action;
            while (!_work.TryDequeue(out action) && !_closed)
                Monitor.Wait(_work);
            return action;
        }
    }
}
