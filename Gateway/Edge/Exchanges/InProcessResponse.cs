using Microsoft.AspNetCore.Http.Features;

namespace TalentSphere.Gateway.Edge.Exchanges;

/// <summary>
/// The answer to a request that was made inside the gateway: in memory, at most <paramref name="limit"/> bytes of body. As with a server's, headers can be
/// changed until the first byte, and those who asked for it are called just before that and at the end.
/// </summary>
/// <param name="limit">The longest body, in bytes.</param>
/// <param name="tooLong">Called when there is more: the rest is of no use.</param>
internal sealed class InProcessResponse(int limit, Action tooLong) : Stream, IHttpResponseFeature
{
    private readonly MemoryStream _body = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _starting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _completed = new();

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    /// <summary>There was more than is held.</summary>
    public bool IsTooLong { get; private set; }

    public ReadOnlyMemory<byte> Content => _body.GetBuffer().AsMemory(0, (int)_body.Length);

    Stream IHttpResponseFeature.Body
    {
        get => this;
        set => throw new NotSupportedException("Replace IHttpResponseBodyFeature.");
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _completed.Push((callback, state));

    /// <summary>The pipeline is through.</summary>
    public async Task CompleteAsync()
    {
        await StartAsync();
        while (_completed.TryPop(out var entry))
            await entry.Callback(entry.State);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await StartAsync();
        Keep(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (!HasStarted)
            throw new NotSupportedException("Write asynchronously.");
        Keep(buffer.AsSpan(offset, count));
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => StartAsync();

    public override void Flush()
    {
        // Nothing is held back from anybody.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body.Dispose();
        base.Dispose(disposing);
    }

    private async Task StartAsync()
    {
        if (HasStarted)
            return;
        while (_starting.TryPop(out var entry))
            await entry.Callback(entry.State);
        HasStarted = true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (IsTooLong)
            return;
        if (_body.Length + bytes.Length > limit)
        {
            IsTooLong = true;
            tooLong();
            return;
        }
        _body.Write(bytes);
    }
}
