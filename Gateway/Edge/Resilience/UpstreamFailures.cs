using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// What a client hears, in the platform's envelope: a service that is away is 503 with <c>Retry-After</c>, one that is too slow 504, one that speaks no HTTP 502
/// (RFC 9110 §15.6.3).
/// </summary>
internal static partial class UpstreamFailures
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _leastPause = TimeSpan.FromSeconds(1);

    public static Task AnswerAsync(HttpContext context, UpstreamBreaker breaker, UpstreamOutcome outcome, IForwarderErrorFeature? failure, ILogger logger)
    {
        var service = breaker.Service;
        var problem = For(context, service, outcome, failure);
        if (problem is { Status: >= 500 })
        {
            breaker.Metrics.Failed(service, outcome);
            Failed(logger, service, outcome, failure?.Error ?? ForwarderError.None, failure?.Exception?.GetBaseException().Message);
        }
        // The rest is the client's own doing (it hung up, or sent half a request), or under way already: then the connection's end is the answer.
        if (problem is null || context.Response.HasStarted)
            return Task.CompletedTask;
        context.Response.Headers.Remove("Content-Length");
        return problem.ExecuteAsync(context);
    }

    public static Task RefuseAsync(HttpContext context, UpstreamBreaker breaker)
    {
        breaker.Metrics.Refused(breaker.Service);
        var pause = breaker.ComeBackAfter;
        return Unavailable(breaker.Service).RetryAfter(pause > _leastPause ? pause : _leastPause).ExecuteAsync(context);
    }

    private static ApiProblem? For(HttpContext context, string service, UpstreamOutcome outcome, IForwarderErrorFeature? failure) => outcome switch
    {
        UpstreamOutcome.Away or UpstreamOutcome.Broken => Unavailable(service).RetryAfter(_pause),
        UpstreamOutcome.TooSlow =>
            Api.Problem(StatusCodes.Status504GatewayTimeout, "UPSTREAM_TIMEOUT", $"The {service} service did not answer in time."),
        UpstreamOutcome.Invalid =>
            Api.Problem(StatusCodes.Status502BadGateway, "UPSTREAM_INVALID_ANSWER", $"The {service} service gave no valid answer."),
        _ => failure switch
        {
            { Error: ForwarderError.RequestCreation } => Unavailable(service).RetryAfter(_pause),
            { Error: ForwarderError.RequestBodyClient, Exception: { } e } when IsTooLarge(e) =>
                Api.Problem(StatusCodes.Status413PayloadTooLarge, "PAYLOAD_TOO_LARGE", "The request body is too large."),
            { Error: ForwarderError.RequestTimedOut } => Late(),
            { Error: ForwarderError.RequestBodyClient } when context.Response.StatusCode == StatusCodes.Status408RequestTimeout => Late(),
            _ => null,
        },
    };

    private static ApiProblem Unavailable(string service) =>
        Api.Problem(StatusCodes.Status503ServiceUnavailable, "UPSTREAM_UNAVAILABLE", $"The {service} service is away; try again.");

    private static ApiProblem Late() => Api.Problem(StatusCodes.Status408RequestTimeout, "REQUEST_TIMEOUT", "The request did not arrive in time.");

    private static bool IsTooLarge(Exception exception) => (exception is AggregateException { InnerExceptions: [var first, ..] } ? first : exception)
        is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} {Outcome}: {Error}: {Reason}")]
    private static partial void Failed(ILogger logger, string service, UpstreamOutcome outcome, ForwarderError error, string? reason);
}
