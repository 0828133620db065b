using System.Net.Sockets;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Tells from how forwarding failed what became of the upstream, and what was the client's doing.</summary>
internal static class UpstreamVerdict
{
    public static UpstreamOutcome Of(HttpContext context, IForwarderErrorFeature failure) => failure.Error switch
    {
        ForwarderError.NoAvailableDestinations => UpstreamOutcome.Away,
        ForwarderError.RequestTimedOut when IsConnectTimeout(failure.Exception) => UpstreamOutcome.Away,
        ForwarderError.Request or ForwarderError.ResponseBodyDestination when !IsCancellation(failure.Exception) => OfException(failure.Exception),
        ForwarderError.RequestBodyDestination => UpstreamOutcome.Broken,
        ForwarderError.ResponseHeaders => UpstreamOutcome.Invalid,
        ForwarderError.Request or ForwarderError.ResponseBodyDestination or ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled => OfCancellation(context),
        // A stream was answered when it began: that it ends some day, a thousand at once with their replica, is no unanswered request.
        _ => UpstreamOutcome.Unknown,
    };

    /// <summary>What became of the request that was just forwarded.</summary>
    public static UpstreamOutcome Of(HttpContext context)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is { } failure)
            return Of(context, failure);
        return context.Response.StatusCode is >= 502 and <= 504 && context.Features.Get<StandInAnswer>() is { } standIn ? standIn.Outcome : UpstreamOutcome.Answered;
    }

    /// <summary>True when the client has not sent all of its body: then it is the one that is waited for.</summary>
    private static bool HasBodyToCome(HttpContext context)
    {
        // One that the gateway holds in memory is all there.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || context.Request.Body.CanSeek)
            return false;
        try
        {
            if (!context.Request.BodyReader.TryRead(out var read))
                return true;
            context.Request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            return !read.IsCompleted;
        }
        catch (BadHttpRequestException)
        {
            // Too large or malformed: nothing that the upstream could have waited for.
            return true;
        }
    }

    /// <summary>Somebody's time was up: the upstream's, unless the client left, has not sent everything, or may be the one that takes nothing.</summary>
    private static UpstreamOutcome OfCancellation(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested || context.Response.HasStarted || HasBodyToCome(context) ? UpstreamOutcome.Unknown : UpstreamOutcome.TooSlow;

    private static UpstreamOutcome OfException(Exception? exception) => ErrorOf(exception) switch
    {
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError => UpstreamOutcome.Away,
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.HttpProtocolError
            or HttpRequestError.VersionNegotiationError or HttpRequestError.ExtendedConnectNotSupported => UpstreamOutcome.Invalid,
        _ => UpstreamOutcome.Broken,
    };

    private static HttpRequestError ErrorOf(Exception? exception) => exception switch
    {
        HttpRequestException request => request.HttpRequestError,
        HttpIOException io => io.HttpRequestError,
        _ => HttpRequestError.Unknown,
    };

    // Of a read that is cancelled in the middle of a body, the socket's own word may come first.
    private static bool IsCancellation(Exception? exception) =>
        exception?.GetBaseException() is OperationCanceledException or SocketException { SocketErrorCode: SocketError.OperationAborted };

    // SocketsHttpHandler tells it from a cancellation by the inner exception only.
    private static bool IsConnectTimeout(Exception? exception) => exception is OperationCanceledException { InnerException: TimeoutException };
}
