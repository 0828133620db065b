using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge;

/// <summary>A service that is away is 503 with <c>Retry-After</c>, one that is too slow 504; both in the platform's envelope.</summary>
internal static partial class UpstreamFailures
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    public static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || context.Response.HasStarted)
            return;
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UpstreamFailures));
        var problem = failure.Error switch
        {
            ForwarderError.RequestTimedOut or ForwarderError.UpgradeActivityTimeout =>
                Api.Problem(StatusCodes.Status504GatewayTimeout, "UPSTREAM_TIMEOUT", $"The {service} service did not answer in time."),
            ForwarderError.Request or ForwarderError.NoAvailableDestinations or ForwarderError.RequestCreation or ForwarderError.RequestBodyDestination
                or ForwarderError.ResponseHeaders or ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeRequestDestination =>
                Api.Problem(StatusCodes.Status503ServiceUnavailable, "UPSTREAM_UNAVAILABLE", $"The {service} service is away; try again.").RetryAfter(_pause),
            ForwarderError.RequestBodyClient when failure.Exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                Api.Problem(StatusCodes.Status413PayloadTooLarge, "PAYLOAD_TOO_LARGE", "The request body is too large."),
            ForwarderError.RequestBodyClient when failure.Exception is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
                Api.Problem(StatusCodes.Status408RequestTimeout, "REQUEST_TIMEOUT", "The request took too long to arrive."),
            _ => null,
        };
        // The rest is the client's own doing: it hung up, or sent half a request.
        if (problem is null)
            return;
        if (problem.Status >= 500)
            Failed(logger, service, failure.Error, failure.Exception?.GetBaseException().Message);
        context.Response.Headers.Remove("Content-Length");
        await problem.ExecuteAsync(context);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service}: {Error}: {Reason}")]
    private static partial void Failed(ILogger logger, string service, ForwarderError error, string? reason);
}
