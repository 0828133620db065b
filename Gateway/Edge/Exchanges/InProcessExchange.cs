using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace TalentSphere.Gateway.Edge.Exchanges;

/// <summary>
/// A request that is made inside the gateway on behalf of one that came from outside: same connection, same scheme and host, its own headers, services and answer.
/// </summary>
internal sealed class InProcessExchange : IHttpRequestLifetimeFeature, IHttpRequestBodyDetectionFeature, IAsyncDisposable
{
    private readonly CancellationTokenSource _aborted;
    private readonly StreamResponseBodyFeature _body;

    /// <param name="parent">The request from outside; nothing of it is used after this.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, decoded.</param>
    /// <param name="query">The query, with its question mark.</param>
    /// <param name="limit">The longest answer, in bytes.</param>
    /// <param name="ended">Ends this request too.</param>
    public InProcessExchange(HttpContext parent, string method, PathString path, QueryString query, int limit, CancellationToken ended)
    {
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(ended);
        Response = new InProcessResponse(limit, _aborted.Cancel);
        _body = new StreamResponseBodyFeature(Response);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Scheme = parent.Request.Scheme,
            Method = method,
            Path = path.Value!,
            QueryString = query.Value ?? "",
            RawTarget = path.ToUriComponent() + query.Value,
            Headers = new HeaderDictionary { [HeaderNames.Host] = parent.Request.Host.Value },
        });
        features.Set<IHttpResponseFeature>(Response);
        features.Set<IHttpResponseBodyFeature>(_body);
        features.Set<IHttpRequestLifetimeFeature>(this);
        features.Set<IHttpRequestBodyDetectionFeature>(this);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature
        {
            ConnectionId = parent.Connection.Id,
            RemoteIpAddress = parent.Connection.RemoteIpAddress,
            RemotePort = parent.Connection.RemotePort,
            LocalIpAddress = parent.Connection.LocalIpAddress,
            LocalPort = parent.Connection.LocalPort,
        });
        Context = new DefaultHttpContext(features) { ServiceScopeFactory = parent.RequestServices.GetRequiredService<IServiceScopeFactory>() };
    }

    public HttpContext Context { get; }

    public InProcessResponse Response { get; }

    public bool CanHaveBody { get; private set; }

    public CancellationToken RequestAborted
    {
        get => _aborted.Token;
        set => throw new NotSupportedException("Cancel what this exchange was made with.");
    }

    /// <summary>The upstream broke off, or nobody waits any more: there is no whole answer.</summary>
    public bool IsBroken => _aborted.IsCancellationRequested;

    public void Abort() => _aborted.Cancel();

    /// <summary>Gives the request a body of JSON.</summary>
    public void SetBody(byte[] json)
    {
        CanHaveBody = true;
        Context.Request.Body = new MemoryStream(json);
        Context.Request.ContentType = "application/json";
        Context.Request.ContentLength = json.Length;
    }

    /// <summary>Runs it to the end.</summary>
    public async Task RunAsync(RequestDelegate pipeline)
    {
        try
        {
            await pipeline(Context);
            await _body.CompleteAsync();
        }
        finally
        {
            await Response.CompleteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _aborted.Dispose();
        await Response.DisposeAsync();
    }
}
