using System.Collections.Concurrent;
using System.Net.Sockets;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// A place where one box after another runs: a thread and, where this process may become other users, a user that nobody else on the machine is at the time.
/// </summary>
internal sealed class Slot : IDisposable
{
    private const string _claim = "\0talentsphere-judge-slot-";

    private readonly BlockingCollection<Action> _work = [];
    private readonly Func<BoxSpec, int?, int, BoxOutcome> _run;
    private readonly Socket? _claimed;

    private Slot(int? user, Socket? claimed, Func<BoxSpec, int?, int, BoxOutcome> run)
    {
        User = user;
        _claimed = claimed;
        _run = run;
        // The kernel ends a box with the thread that started it (PR_SET_PDEATHSIG): a pool's thread could end at any time.
        new Thread(Work, maxStackSize: 512 * 1024) { IsBackground = true, Name = "box" }.Start();
    }

    /// <summary>The user id of this slot; null when boxes run as the user that this process runs as.</summary>
    public int? User { get; }

    /// <summary>Opens a slot with the first user id of the range that nobody has claimed. The kernel drops a claim with the process that made it.</summary>
    /// <param name="users">The range, or null where this process cannot become others.</param>
    /// <param name="run">Runs a box for a user, watching a descriptor for cancellation.</param>
    public static Slot Open(IEnumerable<int>? users, Func<BoxSpec, int?, int, BoxOutcome> run)
    {
        if (users is null)
            return new(user: null, claimed: null, run);
        foreach (var user in users)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint(_claim + user));
                return new(user, socket, run);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
        throw new SandboxException("every user id for slots is taken");
    }

    /// <summary>Runs a box; cancelling ends it at once.</summary>
    /// <exception cref="SandboxException">The sandbox failed, not the program.</exception>
    public async Task<BoxOutcome> RunAsync(BoxSpec spec, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<BoxOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = Native.EventDescriptor();
        try
        {
            await using var registration = cancellationToken.Register(() => Native.Signal(cancelled));
            _work.Add(() =>
            {
                try
                {
                    done.SetResult(_run(spec, User, cancelled));
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            }, CancellationToken.None);
            var outcome = await done.Task;
            cancellationToken.ThrowIfCancellationRequested();
            return outcome;
        }
        finally
        {
            Native.Close(cancelled);
        }
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _claimed?.Dispose();
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
            action();
        _work.Dispose();
    }
}
