namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>How many requests are held back at the moment: a flood must not hold memory by waiting.</summary>
internal sealed class DelaySlots(int most)
{
    private int _taken;

    public int Taken => Volatile.Read(ref _taken);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= most)
            return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _taken);
}
