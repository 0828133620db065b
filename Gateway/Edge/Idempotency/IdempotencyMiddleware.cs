using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.Exchanges;
using TalentSphere.Gateway.Edge.Explain;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>
/// A POST with an <c>Idempotency-Key</c> is done once. It runs to its end even when its client hangs up, and its answer is stored before it is sent: whoever lost
/// the answer gets it again. See docs/adr/0021.
/// </summary>
internal sealed partial class IdempotencyMiddleware(
    RequestDelegate next, IdempotencyStore store, IOptions<IdempotencyOptions> options, ILogger<IdempotencyMiddleware> logger)
{
    private static readonly TimeSpan _comeBack = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _redisPause = TimeSpan.FromSeconds(2);

    // Of what is no service's, or has no end of its own.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(100);

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.Headers[IdempotencyKey.HeaderName] is not { Count: > 0 } header || context.GetEndpoint() is not { } endpoint)
            return next(context);
        if (IdempotencyKey.TryRead(header, out var key))
            return RunOnceAsync(context, key, endpoint.Metadata);
        Decide(context, IdempotencyDecision.InvalidKey);
        return Api.Invalid(
            "IDEMPOTENCY_KEY_INVALID", "The idempotency key is not usable.",
            new FailureDetail(IdempotencyKey.HeaderName, "must be one value of 16 to 200 printable ASCII characters without spaces, such as a UUID")).ExecuteAsync(context);
    }

    private async Task RunOnceAsync(HttpContext context, string headerValue, EndpointMetadataCollection endpoint)
    {
        var body = await ReadBodyAsync(context, endpoint.GetMetadata<RouteModel>());
        var key = IdempotencyKey.Of(headerValue, context, body.GetBuffer().AsSpan(0, (int)body.Length));
        var longest = endpoint.GetMetadata<UpstreamRoute>()?.Limit?.Longest ?? _longest;
        var token = IdempotencyStore.NewToken();
        Claim claim;
        try
        {
            claim = await store.ClaimAsync(key, token, longest + options.Value.ClaimMargin);
        }
        catch (Exception e) when (Redis.IsAway(e))
        {
            // Redis may have taken it, and only its answer is late: whoever comes back would wait for nobody.
            _ = ReleaseAsync(key, token);
            // Who sends a key wants it done once or not at all.
            Decide(context, IdempotencyDecision.Unavailable);
            Unavailable(logger, e.GetType().Name);
            await Api.Problem(StatusCodes.Status503ServiceUnavailable, "IDEMPOTENCY_UNAVAILABLE", "Idempotency keys cannot be kept at the moment; nothing was done.")
                .RetryAfter(_redisPause).ExecuteAsync(context);
            return;
        }
        switch (claim)
        {
            case { Outcome: ClaimOutcome.Running }:
                Decide(context, IdempotencyDecision.InProgress);
                await Api.Problem(StatusCodes.Status409Conflict, "IDEMPOTENCY_IN_PROGRESS", "A request with this idempotency key is still running.")
                    .RetryAfter(_comeBack).ExecuteAsync(context);
                break;
            case { Outcome: ClaimOutcome.AnsweredAnother }:
                Decide(context, IdempotencyDecision.Mismatch);
                await Api.Invalid("IDEMPOTENCY_MISMATCH", "This idempotency key was used with another body.", new FailureDetail(IdempotencyKey.HeaderName, "was used with another body"))
                    .ExecuteAsync(context);
                break;
            case { Answer: { } answer }:
                Decide(context, IdempotencyDecision.Replayed);
                if (answer.Status == 0)
                    await Api.Conflict("IDEMPOTENCY_ANSWER_NOT_KEPT", "The request was done; its answer was too long to be kept.").ExecuteAsync(context);
                else
                    await answer.RepeatAsync(context);
                break;
            default:
                Decide(context, IdempotencyDecision.Executed);
                await ExecuteAsync(context, key, token, longest);
                break;
        }
    }

    private async Task ExecuteAsync(HttpContext context, IdempotencyKey key, byte[] token, TimeSpan longest)
    {
        await using var held = new HeldResponse(context, options.Value.MaxAnswer);
        var settled = false;
        try
        {
            await held.RunAsync(next, longest);
            // One that is too long to keep tells by its status that the request was done, however it ended.
            if ((held.IsTooLong || !held.IsBroken) && IsFinal(context.Response))
            {
                await PutAsync(key, token, held.IsTooLong ? StoredAnswer.NotKept : StoredAnswer.Of(context.Response, held.Body));
                settled = true;
            }
        }
        finally
        {
            if (!settled)
                await ReleaseAsync(key, token);
        }
        if (!held.IsPassed && !held.IsBroken)
            await held.SendAsync();
    }

    /// <summary>
    /// What a repetition would get again. Not what says "later" (408, 425, 429, 5xx, any refusal with <c>Retry-After</c>), and not 401: the same request with a
    /// fresh token is no repetition of a refusal.
    /// </summary>
    private static bool IsFinal(HttpResponse response) => response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized or StatusCodes.Status408RequestTimeout or 425 or StatusCodes.Status429TooManyRequests or >= 500 => false,
        >= 400 => response.Headers.RetryAfter.Count == 0,
        _ => true,
    };

    private async Task PutAsync(IdempotencyKey key, byte[] token, StoredAnswer answer)
    {
        try
        {
            if (!await store.PutAsync(key, token, answer, options.Value.Retention))
                Overtaken(logger);
        }
        catch (Exception e) when (Redis.IsAway(e))
        {
            // It was done, so its client is told; until the claim ends, a repetition is told to wait.
            NotStored(logger, e.GetType().Name);
        }
    }

    private async Task ReleaseAsync(IdempotencyKey key, byte[] token)
    {
        try
        {
            await store.ReleaseAsync(key, token);
        }
        catch (Exception e) when (Redis.IsAway(e))
        {
            NotStored(logger, e.GetType().Name);
        }
    }

    private static async Task<MemoryStream> ReadBodyAsync(HttpContext context, RouteModel? route)
    {
        // What the proxy would set just before it reads the body, which is too late here.
        if (route?.Config.MaxRequestBodySize is { } limit && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit < 0 ? null : limit;
        var body = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, 1024 * 1024));
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        return body;
    }

    private static void Decide(HttpContext context, IdempotencyDecision decision)
    {
        context.Features.Get<RequestDecisions>()?.Idempotency = decision.Outcome;
        IdempotencyMetrics.Count(decision);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away, requests with an idempotency key are refused: {Fault}")]
    private static partial void Unavailable(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis went away while a request with an idempotency key ran; its answer is not kept: {Fault}")]
    private static partial void NotStored(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request ran longer than its claim on its idempotency key; another has taken it since")]
    private static partial void Overtaken(ILogger logger);
}
