using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.Connections;

/// <summary>
/// Waits for a body, or for the first part of a long one, before its service hears of the request: a client that sends slowly, or half of it and no more, holds
/// no connection to a service. The bytes stay where the server has put them; nothing is copied. Routes with a limit of their own are for uploads and are not waited for,
/// nor is a body that somebody before has read into a stream that can be rewound: it is there.
/// </summary>
internal sealed class BodyCollection(IOptions<ConnectionLimits> limits)
{
    private readonly int _enough = limits.Value.CollectedBodyBytes;

    public Task PassAsync(HttpContext context, RequestDelegate next) =>
        _enough == 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || context.Request.Body.CanSeek
            || context.GetReverseProxyFeature().Route.Config.MaxRequestBodySize is not null
            ? next(context)
            : CollectAsync(context, next);

    private async Task CollectAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(context.RequestAborted);
                if (read.IsCompleted || read.Buffer.Length >= _enough)
                {
                    body.AdvanceTo(read.Buffer.Start);
                    break;
                }
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || e is IOException and not BadHttpRequestException)
        {
            // It hung up: nobody is there to be answered.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        await next(context);
    }
}
