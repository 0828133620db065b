using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// One run in one box, from its start until nothing is left of it. It is armed first: all of the box stands, and bubblewrap waits at a gate before it starts the
/// program. Everything happens on one thread, with whose end the kernel ends the box.
/// </summary>
internal sealed class Box
{
    /// <summary>How often processor time is looked at, and how close to the limit at the earliest.</summary>
    private static readonly TimeSpan _longestLook = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _shortestLook = TimeSpan.FromMilliseconds(2);

    /// <summary>For what was killed to be gone.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly BoxLimits _limits;
    private readonly BoxGroup _group;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Sink _output;
    private readonly Sink _errors;
    private readonly Sink _status = new(4096);
    private ReadOnlyMemory<byte> _input;
    private int _inputPipe = -1;
    private int _outputPipe = -1;
    private int _errorsPipe = -1;
    private int _statusPipe = -1;
    private int _processWatch = -1;
    private int _gate = -1;
    private int _processId;
    private bool _reaped;

    /// <summary>A box that is still to be armed.</summary>
    /// <param name="spec">What is to run.</param>
    /// <param name="group">Where it runs; <see cref="Clear"/> removes it.</param>
    public Box(BoxSpec spec, BoxGroup group)
    {
        _limits = spec.Limits;
        _group = group;
        _input = spec.Input;
        _output = new(spec.Limits.OutputBytes);
        _errors = new(spec.Limits.ErrorBytes);
    }

    /// <summary>Starts it, as far as the gate. <see cref="Clear"/> must follow, however this ends.</summary>
    /// <param name="machine">What boxes are made of.</param>
    /// <param name="plan">How to start it.</param>
    /// <exception cref="SandboxException">The box could not be made.</exception>
    public void Arm(BoxMachine machine, BoxPlan plan)
    {
        Span<int> childEnds = [-1, -1, -1, -1, -1];
        List<int> entrances = [];
        try
        {
            (childEnds[0], _inputPipe) = Native.Pipe();
            (_outputPipe, childEnds[1]) = Native.Pipe();
            (_errorsPipe, childEnds[2]) = Native.Pipe();
            (_statusPipe, childEnds[3]) = Native.Pipe();
            (childEnds[4], _gate) = Native.Pipe();
            foreach (var ours in (int[])[_inputPipe, _outputPipe, _errorsPipe, _statusPipe])
                Native.MakeNonBlocking(ours);
            for (var i = 0; i < childEnds.Length; i++)
            {
                var low = childEnds[i];
                childEnds[i] = -1;
                childEnds[i] = Native.MoveHigh(low);
            }
            foreach (var file in _group.Entrances)
                entrances.Add(Native.MoveHigh(Native.OpenForWriting(file)));
            const int standard = 3;
            IReadOnlyList<int> handed = [.. childEnds[..standard], .. entrances, .. childEnds[standard..]];
            _processId = Native.Spawn(machine.Shell, plan.Arguments, plan.Environment, [.. handed.Select(d => new ChildDescriptor(d)), .. plan.Files], plan.User);
            _group.Started(_processId);
            _processWatch = Native.WatchProcess(_processId);
        }
        finally
        {
            foreach (var end in childEnds)
                Native.Close(end);
            entrances.ForEach(Native.Close);
        }
    }

    /// <summary>Lets the program in and waits for its end. <see cref="Clear"/> must follow, however this ends.</summary>
    /// <param name="cancelled">A descriptor that becomes readable when nobody waits for the outcome any more.</param>
    /// <exception cref="SandboxException">The box failed, not the program.</exception>
    public BoxOutcome Run(int cancelled)
    {
        _watch.Restart();
        Native.Write(_gate, [1]);
        Close(ref _gate);
        return End(Watch(cancelled));
    }

    /// <summary>Ends what is left of it, whether it ran or not, and removes everything.</summary>
    /// <exception cref="SandboxException">Something could not be removed; the next call tries again.</exception>
    public void Clear()
    {
        if (_processId != 0)
        {
            AwaitFirstProcess();
            _group.Kill();
            Native.Kill(_processId);
            Native.Reap(_processId);
            _processId = 0;
        }
        CloseAll();
        AwaitEmpty();
        var until = Stopwatch.StartNew();
        while (!_group.TryRemove())
        {
            if (until.Elapsed > _patience)
                throw new SandboxException("a box's control groups could not be removed");
            Native.Wait([], 1);
        }
    }

    /// <summary>Feeds and reads the program until it ends or does what it may not.</summary>
    private Breach Watch(int cancelled)
    {
        Span<Native.PollEntry> entries = stackalloc Native.PollEntry[6];
        var nextLook = _shortestLook < _limits.Cpu ? Later(TimeSpan.Zero) : _shortestLook;
        var wall = _limits.Wall;
        while (true)
        {
            var timeout = Math.Min((nextLook - _watch.Elapsed).TotalMilliseconds, (wall - _watch.Elapsed).TotalMilliseconds);
            entries[0] = new() { Descriptor = _processWatch, Events = Native.PollIn };
            entries[1] = new() { Descriptor = cancelled, Events = Native.PollIn };
            entries[2] = new() { Descriptor = _outputPipe, Events = Native.PollIn };
            entries[3] = new() { Descriptor = _errorsPipe, Events = Native.PollIn };
            entries[4] = new() { Descriptor = _statusPipe, Events = Native.PollIn };
            entries[5] = new() { Descriptor = _inputPipe, Events = Native.PollOut };
            Native.Wait(entries, Math.Max(0, (int)Math.Ceiling(timeout)));

            if (entries[5].Returned != 0)
                Feed();
            var fits = Drain(entries[2].Returned, ref _outputPipe, _output) & Drain(entries[3].Returned, ref _errorsPipe, _errors);
            Drain(entries[4].Returned, ref _statusPipe, _status);
            if (!fits)
                return Breach.Output;
            if (entries[1].Returned != 0)
                return Breach.Cancelled;
            if (entries[0].Returned != 0)
                return Breach.None;
            if (_watch.Elapsed >= wall)
            {
                var allowed = LongestWall();
                if (_watch.Elapsed >= allowed)
                    return Breach.Wall;
                wall = allowed;
            }
            if (_watch.Elapsed < nextLook)
                continue;
            var used = _group.CpuTime();
            if (used > _limits.Cpu)
                return Breach.Cpu;
            nextLook = Later(used);
        }
    }

    /// <summary>
    /// On a busy machine a program is not to fail for the time that others had the processors: what it waited for them is added, up to four times the limit.
    /// Where the kernel does not tell, as much again as the program may compute.
    /// </summary>
    private TimeSpan LongestWall()
    {
        var allowed = _limits.Wall + (_group.WaitedForProcessor() ?? _limits.Cpu);
        return allowed < _limits.Wall * 4 ? allowed : _limits.Wall * 4;
    }

    /// <summary>The next look at the processor time: not before the limit could have been reached, but for the shortest pause.</summary>
    private TimeSpan Later(TimeSpan used)
    {
        var earliest = (_limits.Cpu - used) / Math.Max(1, _limits.Processors);
        return _watch.Elapsed + (earliest < _shortestLook ? _shortestLook : earliest > _longestLook ? _longestLook : earliest);
    }

    /// <summary>Ends what is left, reads the rest and takes the measures. What the kernel then still clears away is not waited for here.</summary>
    private BoxOutcome End(Breach breach)
    {
        var wall = _watch.Elapsed;
        if (breach != Breach.None)
            AwaitFirstProcess();
        _group.Kill();
        if (breach != Breach.None)
            Native.Kill(_processId);
        Close(ref _inputPipe);
        var fits = DrainAll();
        Native.Reap(_processId);
        _processId = 0;
        if (!_group.CountsTheDead)
            AwaitEmpty();
        var cpu = _group.CpuTime();
        if (breach == Breach.None)
            breach = !fits ? Breach.Output : cpu > _limits.Cpu ? Breach.Cpu : Breach.None;
        return new()
        {
            ExitCode = Number("exit-code"),
            Breach = breach,
            OutOfMemory = _group.RanOutOfMemory(),
            Cpu = cpu,
            Wall = wall,
            PeakBytes = _group.PeakBytes(),
            Output = _output.Content,
            Errors = _errors.Content,
        };
    }

    /// <summary>
    /// Until bubblewrap has told the number of the box's first process, or has ended without one. Were it ended just before that, nobody would know whom to take
    /// out of the process table.
    /// </summary>
    private void AwaitFirstProcess()
    {
        Span<Native.PollEntry> entries = stackalloc Native.PollEntry[2];
        var since = Stopwatch.StartNew();
        while (_statusPipe >= 0 && _processWatch >= 0 && Number("child-pid") is null && since.Elapsed < _patience)
        {
            entries[0] = new() { Descriptor = _processWatch, Events = Native.PollIn };
            entries[1] = new() { Descriptor = _statusPipe, Events = Native.PollIn };
            Native.Wait(entries, 100);
            Drain(entries[1].Returned, ref _statusPipe, _status);
            if (entries[0].Returned != 0)
                return;
        }
    }

    /// <summary>For what was killed to be gone.</summary>
    private void AwaitEmpty()
    {
        var since = Stopwatch.StartNew();
        while (!_group.IsEmpty)
        {
            if (since.Elapsed > _patience)
                throw new SandboxException("what ran in a box could not be ended");
            Native.Wait([], 1);
            _group.Kill();
        }
        // The box's first process lost its parent, bubblewrap, and is ours now.
        if (!_reaped && Number("child-pid") is { } first && Native.Reap(first) is { } reaped)
            _group.Ended(reaped.Cpu, reaped.LargestBytes);
        _reaped = true;
    }

    /// <summary>Until the last writer is gone, which the kill has seen to.</summary>
    private bool DrainAll()
    {
        Span<Native.PollEntry> entries = stackalloc Native.PollEntry[3];
        var fits = true;
        var until = _watch.Elapsed + _patience;
        while (_outputPipe >= 0 || _errorsPipe >= 0 || _statusPipe >= 0)
        {
            if (_watch.Elapsed > until)
                throw new SandboxException("what ran in a box holds on to its output");
            entries[0] = new() { Descriptor = _outputPipe, Events = Native.PollIn };
            entries[1] = new() { Descriptor = _errorsPipe, Events = Native.PollIn };
            entries[2] = new() { Descriptor = _statusPipe, Events = Native.PollIn };
            Native.Wait(entries, 100);
            fits &= Drain(entries[0].Returned, ref _outputPipe, _output);
            fits &= Drain(entries[1].Returned, ref _errorsPipe, _errors);
            Drain(entries[2].Returned, ref _statusPipe, _status);
        }
        return fits;
    }

    private void Feed()
    {
        var written = _input.IsEmpty ? -2 : Native.Write(_inputPipe, _input.Span);
        if (written > 0)
            _input = _input[written..];
        if (written != -2 && !_input.IsEmpty)
            return;
        Close(ref _inputPipe);
    }

    private void CloseAll()
    {
        if (_statusPipe >= 0)
            Drain(Native.PollIn, ref _statusPipe, _status);
        Close(ref _inputPipe);
        Close(ref _outputPipe);
        Close(ref _errorsPipe);
        Close(ref _statusPipe);
        Close(ref _processWatch);
        Close(ref _gate);
    }

    private static void Close(ref int descriptor)
    {
        Native.Close(descriptor);
        descriptor = -1;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>False when it is more than may be.</returns>
    private static bool Drain(short returned, ref int pipe, Sink sink)
    {
        if (returned == 0)
            return true;
        var buffer = ArrayPool<byte>.Shared.Rent(65536);
        try
        {
            var count = Native.Read(pipe, buffer);
            if (count == 0)
            {
                Close(ref pipe);
            }
            return count <= 0 || sink.Take(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// bubblewrap's own word: <c>child-pid</c>, and <c>exit-code</c> for how the program ended; without it the program did not run, or was ended from outside.
    /// </summary>
    private int? Number(string key)
    {
        var quoted = $"\"{key}\":";
        var text = Encoding.ASCII.GetString(_status.Content.Span);
        var at = text.IndexOf(quoted, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var digits = text.AsSpan(at + quoted.Length).TrimStart();
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], out var number) ? number : null;
    }

    /// <summary>Keeps bytes up to a cap.</summary>
    private sealed class Sink(int cap)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ReadOnlyMemory<byte> Content => _bytes.WrittenMemory;

        public bool Take(ReadOnlySpan<byte> bytes)
        {
            var room = cap - _bytes.WrittenCount;
            if (room > 0)
                _bytes.Write(bytes[..Math.Min(room, bytes.Length)]);
            return bytes.Length <= room;
        }
    }
}
