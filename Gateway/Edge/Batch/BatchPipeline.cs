using TalentSphere.Gateway.Edge.Exchanges;
using TalentSphere.Gateway.Edge.Flags;
using TalentSphere.Gateway.Edge.Routing;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Batch;

/// <summary>
/// Sends each part through the whole of the gateway's own pipeline, as if it had come from outside on the same connection: whatever is decided about a request is
/// decided about a part.
/// </summary>
internal sealed partial class BatchPipeline(ILogger<BatchPipeline> logger)
{
    /// <summary>What a part takes from the batch. Nothing else: neither what connects, nor what a client could say of who it is.</summary>
    private static readonly string[] _inherited = ["Authorization", Correlation.HeaderName, "X-Tenant-ID", FlagCallers.AnonymousIdHeader, CanaryShare.HeaderName, "User-Agent", "Accept-Language"];

    /// <summary>The pipeline behind the edge's outermost middleware; set when it is built.</summary>
    public RequestDelegate? Entry { get; set; }

    public async Task<PartAnswer> RunAsync(HttpContext batch, PartRequest part, int limit)
    {
        await using var exchange = new InProcessExchange(batch, part.Method, part.Path, part.Query, limit, batch.RequestAborted);
        var context = exchange.Context;
        context.Features.Set(BatchMember.Instance);
        foreach (var name in _inherited)
        {
            if (batch.Request.Headers.TryGetValue(name, out var value))
                context.Request.Headers[name] = value;
        }
        foreach (var (name, value) in part.Headers)
            context.Request.Headers[name] = value;
        if (part.Body is not null)
            exchange.SetBody(part.Body);
        try
        {
            await exchange.RunAsync(Entry ?? throw new InvalidOperationException("The pipeline was not built with UseBatch."));
        }
        catch (Exception e) when (!batch.RequestAborted.IsCancellationRequested)
        {
            // What fails after its answer began is nobody else's failure.
            PartFailed(logger, e, part.Method, part.Path);
            return PartAnswer.Failed(part, StatusCodes.Status500InternalServerError, "INTERNAL_ERROR", "Something went wrong on our side.", ApiResponse.Meta(batch));
        }
        batch.RequestAborted.ThrowIfCancellationRequested();
        if (exchange.Response.IsTooLong)
            return PartAnswer.Failed(part, StatusCodes.Status502BadGateway, "BATCH_ANSWER_TOO_LONG", "The answer is too long for a batch; ask for it alone.", ApiResponse.Meta(batch));
        return exchange.IsBroken
            ? PartAnswer.Failed(part, StatusCodes.Status503ServiceUnavailable, "UPSTREAM_UNAVAILABLE", "The service broke off its answer; try again.", ApiResponse.Meta(batch))
            : PartAnswer.Of(part, exchange.Response);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch's {Method} {Path} failed")]
    private static partial void PartFailed(ILogger logger, Exception exception, string method, string path);
}

/// <summary>Marks a request that is part of a batch.</summary>
internal sealed class BatchMember
{
    public static BatchMember Instance { get; } = new();
}
