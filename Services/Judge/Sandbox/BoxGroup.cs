namespace TalentSphere.Judge.Sandbox;

/// <summary>Everything that runs in one box: measured together, ended together.</summary>
internal abstract class BoxGroup
{
    /// <summary>The files by which a process enters it, writing 0, itself, into each. Seven at most: a shell's numbers of descriptors have one digit.</summary>
    public abstract IReadOnlyList<string> Entrances { get; }

    /// <summary>True when nothing runs in it any more.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>True when it counts what a process used as soon as it did; false when it must be told by <see cref="Ended"/>.</summary>
    public abstract bool CountsTheDead { get; }

    /// <summary>Told once the box's first process is there.</summary>
    public virtual void Started(int processId)
    {
    }

    /// <summary>Told what the box's first process and all that it had waited for have used, once it has ended.</summary>
    public virtual void Ended(TimeSpan cpu, long largestBytes)
    {
    }

    /// <summary>Processor time of everything that ever ran in it, children and the dead included.</summary>
    public abstract TimeSpan CpuTime();

    /// <summary>How long something in it wanted to run and got no processor; null where the kernel does not tell.</summary>
    public virtual TimeSpan? WaitedForProcessor() => null;

    /// <summary>The most memory that was in use at once, in bytes.</summary>
    public abstract long PeakBytes();

    /// <summary>True when the kernel ended something in it for want of memory.</summary>
    public abstract bool RanOutOfMemory();

    /// <summary>Ends everything in it.</summary>
    public abstract void Kill();

    /// <summary>Removes what it needed of the machine.</summary>
    /// <returns>False when something is still in it.</returns>
    public abstract bool TryRemove();
}
