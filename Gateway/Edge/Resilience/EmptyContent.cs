using System.Net;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// The body of a request without one. SocketsHttpHandler sends a request without content up to three times more when its connection ends before an answer, whatever its
/// method; one whose content was sent it leaves alone, and who sends what again is decided in one place (<see cref="UpstreamMiddleware"/>).
/// </summary>
internal sealed class EmptyContent : HttpContent
{
    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(static transform =>
    {
        // An upgrade must have none; of those that a client may ask for, the proxy makes these.
        if (transform.ProxyRequest.Content is null && !IsUpgrade(transform.HttpContext.Request.Headers.Upgrade))
            transform.ProxyRequest.Content = new EmptyContent();
        return default;
    });

    private static bool IsUpgrade(StringValues asked) => asked.Count > 0
        && (asked.ToString() is var protocol && (protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase) || protocol.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase)));

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;
}
