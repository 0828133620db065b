using Microsoft.AspNetCore.Http.Features;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Exchanges;

/// <summary>
/// Runs the rest of the pipeline with its answer held back in memory, and to its end also when the client hangs up meanwhile. An answer that is not to be held, or
/// is longer than <paramref name="limit"/> bytes, passes to the client as it comes; from then on the client's hanging up counts again.
/// </summary>
/// <param name="context">The request.</param>
/// <param name="limit">The longest body that is held, in bytes.</param>
/// <param name="holds">Asked once, when status and headers are known: whether to hold the answer. Null: always.</param>
internal sealed class HeldResponse(HttpContext context, int limit, Func<HttpContext, HeldResponse, bool>? holds = null) : Stream, IHttpRequestLifetimeFeature
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    private readonly IHttpRequestLifetimeFeature _client = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
    private readonly IHttpResponseBodyFeature _response = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
    private readonly IHttpResponseFeature _head = context.Features.GetRequiredFeature<IHttpResponseFeature>();
    private readonly CancellationTokenSource _ended = new();
    private readonly MemoryStream _held = new();
    private CancellationTokenRegistration _attached;
    private bool _asked;

    /// <summary>The answer went to the client as it came.</summary>
    public bool IsPassed { get; private set; }

    /// <summary>It was to be held, and was too long for that.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The upstream broke off, or its time was up: there is no whole answer.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Called when it turns out to be too long, before the client gets what was held.</summary>
    public Action? TooLong { get; init; }

    /// <summary>Nothing of the body is wanted by the client (304): it is thrown away as it comes.</summary>
    public bool DropsBody { get; set; }

    /// <summary>The whole body, unless it was passed.</summary>
    public ReadOnlyMemory<byte> Body => _held.GetBuffer().AsMemory(0, (int)_held.Length);

    /// <summary>Ends with the time that the run has, not with the client.</summary>
    public CancellationToken RequestAborted
    {
        get => _ended.Token;
        set => throw new NotSupportedException("The end of a held request is decided here.");
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

    /// <summary>Runs <paramref name="next"/>; afterwards the answer is held, passed or broken.</summary>
    /// <param name="next">The rest of the pipeline.</param>
    /// <param name="longest">The run is cut off after that; null: its own time limits are enough.</param>
    public async Task RunAsync(RequestDelegate next, TimeSpan? longest = null)
    {
        var features = context.Features;
        var reset = features.Get<IHttpResetFeature>();
        var body = new StreamResponseBodyFeature(this, _response);
        features.Set<IHttpRequestLifetimeFeature>(this);
        features.Set<IHttpResponseBodyFeature>(body);
        features.Set<IHttpResponseFeature>(new Head(this, _head));
        // Whatever would cut the client off has to come by here first.
        features.Set<IHttpResetFeature>(null);
        try
        {
            if (longest is { } limitOfRun)
                _ended.CancelAfter(limitOfRun);
            await next(context);
            await body.CompleteAsync();
            Ask();
        }
        finally
        {
            features.Set(_client);
            features.Set(_response);
            features.Set(_head);
            features.Set(reset);
            await _attached.DisposeAsync();
        }
        if (IsAborted || (!IsPassed && _ended.IsCancellationRequested))
            await BreakAsync();
    }

    /// <summary>Sends what was held. A client that hung up gets nothing, and that is no failure.</summary>
    public async Task SendAsync()
    {
        if (_client.RequestAborted.IsCancellationRequested)
            return;
        if (_held.Length > 0 && !DropsBody)
            await context.Response.Body.WriteAsync(Body, _client.RequestAborted);
    }

    /// <summary>Cuts the run off, as the proxy does when an upstream breaks off within its answer.</summary>
    public void Abort()
    {
        IsAborted = true;
        _ended.Cancel();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (!Keeps(count))
            throw new NotSupportedException("Write asynchronously.");
        _held.Write(buffer, offset, count);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Keeps(buffer.Length))
        {
            _held.Write(buffer.Span);
            return;
        }
        if (DropsBody)
            return;
        if (_held.Length > 0)
        {
            await _response.Stream.WriteAsync(Body, cancellationToken);
            _held.SetLength(0);
        }
        await _response.Stream.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Held until it is whole.
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Ask();
        return IsPassed ? _response.Stream.FlushAsync(cancellationToken) : Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ended.Dispose();
            _held.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool IsAborted { get; set; }

    private bool Keeps(int count)
    {
        Ask();
        if (!IsPassed && _held.Length + count > limit)
        {
            IsTooLong = true;
            TooLong?.Invoke();
            Pass();
        }
        return !IsPassed;
    }

    private void Ask()
    {
        if (_asked)
            return;
        _asked = true;
        if (holds is not null && !holds(context, this))
            Pass();
    }

    private void Pass()
    {
        IsPassed = true;
        _attached = _client.RequestAborted.UnsafeRegister(static ended => ((CancellationTokenSource)ended!).Cancel(), _ended);
    }

    private async Task BreakAsync()
    {
        IsBroken = true;
        if (context.Response.HasStarted)
        {
            _client.Abort();
            return;
        }
        _held.SetLength(0);
        context.Response.Clear();
        await Api.Problem(StatusCodes.Status503ServiceUnavailable, "UPSTREAM_UNAVAILABLE", "The service broke off its answer; try again.").RetryAfter(_pause).ExecuteAsync(context);
    }

    /// <summary>To those who write it, an answer has begun with its first byte, although nothing has left yet: none may begin another behind it.</summary>
    private sealed class Head(HeldResponse held, IHttpResponseFeature head) : IHttpResponseFeature
    {
        public int StatusCode
        {
            get => head.StatusCode;
            set => head.StatusCode = value;
        }

        public string? ReasonPhrase
        {
            get => head.ReasonPhrase;
            set => head.ReasonPhrase = value;
        }

        public IHeaderDictionary Headers
        {
            get => head.Headers;
            set => head.Headers = value;
        }

        public Stream Body
        {
            get => held;
            set => throw new NotSupportedException("Replace IHttpResponseBodyFeature.");
        }

        public bool HasStarted => held._asked || head.HasStarted;

        public void OnStarting(Func<object, Task> callback, object state) => head.OnStarting(callback, state);

        public void OnCompleted(Func<object, Task> callback, object state) => head.OnCompleted(callback, state);
    }
}
