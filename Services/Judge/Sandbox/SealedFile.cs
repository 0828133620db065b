namespace TalentSphere.Judge.Sandbox;

/// <summary>A file that exists in memory only and cannot be changed: what boxes are given to read. No path on the machine leads to it.</summary>
internal sealed class SealedFile : IDisposable
{
    private int _descriptor;

    public SealedFile(ReadOnlySpan<byte> content)
    {
        _descriptor = Native.SealedFile(content);
        Length = content.Length;
    }

    public int Length { get; }

    public int Descriptor => _descriptor >= 0 ? _descriptor : throw new ObjectDisposedException(nameof(SealedFile));

    public void Dispose() => Native.Close(Interlocked.Exchange(ref _descriptor, -1));
}
