using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What a route's requests pass; its endpoint's metadata.</summary>
/// <param name="Breaker">The breaker of its service.</param>
/// <param name="Limit">How long one may take as a whole; null for streams.</param>
/// <param name="IsLong">One may live so long that nobody is to wait for how it ends.</param>
internal sealed record UpstreamRoute(UpstreamBreaker Breaker, TimeLimit? Limit, bool IsLong);

/// <summary>Around the forwarding of a request: refuses it while the breaker is open, sends it once more where that is safe, and answers when there was no answer.</summary>
internal sealed class UpstreamMiddleware(RequestDelegate next, UpstreamReadiness readiness, ReplicaHealthPolicy replicas, ILogger<UpstreamMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var route = context.GetEndpoint()!.Metadata.GetRequiredMetadata<UpstreamRoute>();
        var breaker = route.Breaker;
        // Disposed before the connection takes its next request, which uses the same context.
        using var limit = route.Limit?.Watch(context) ?? default;
        if (breaker.IsClosed)
        {
            context.Features.Set(breaker.Passing);
            await next(context);
            var outcome = UpstreamVerdict.Of(context);
            if (outcome != UpstreamOutcome.Answered)
            {
                outcome = await RecoverAsync(context, breaker, outcome);
                // Of one replica among sound ones the passive health check takes care: the service is there.
                if (outcome != UpstreamOutcome.Answered && context.Features.Get<IReverseProxyFeature>() is { } proxy && replicas.HasSoundOther(proxy.AllDestinations, proxy.ProxiedDestination))
                    outcome = UpstreamOutcome.Unknown;
            }
            await breaker.ReportAsync(outcome);
            return;
        }
        context.Features.Set(breaker.Trying);
        // While one request tries, all others are refused until it is over. One that may live long passes beside it, once the break is over and a replica is ready; what becomes of it
        // says nothing.
        var passes = route.IsLong || IsUpgrade(context)
            ? await PassAsync(context, breaker)
            : await breaker.TryAsync(static s => s.Middleware.ForwardAsync(s.context, s.breaker), (Middleware: this, context, breaker)) is not null;
        if (passes)
            return;
        context.Features.Set(breaker.Refusing);
        Activity.Current?.AddEvent(new("breaker.open"));
        await UpstreamFailures.RefuseAsync(context, breaker);
    }

    private async Task<bool> PassAsync(HttpContext context, UpstreamBreaker breaker)
    {
        if (breaker.Remaining > TimeSpan.Zero || !await IsReadyAsync(context))
            return false;
        await ForwardAsync(context, breaker);
        return true;
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;

    private async Task<bool> IsReadyAsync(HttpContext context)
    {
        foreach (var destination in context.GetReverseProxyFeature().AllDestinations)
        {
            if (await readiness.IsReadyAsync(destination.Model.Config.Address, context.RequestAborted))
                return true;
        }
        return false;
    }

    private async Task<UpstreamOutcome> ForwardAsync(HttpContext context, UpstreamBreaker breaker)
    {
        await next(context);
        var outcome = UpstreamVerdict.Of(context);
        return outcome == UpstreamOutcome.Answered ? outcome : await RecoverAsync(context, breaker, outcome);
    }

    private async Task<UpstreamOutcome> RecoverAsync(HttpContext context, UpstreamBreaker breaker, UpstreamOutcome outcome)
    {
        if (MayTryAgain(context, outcome))
            outcome = await TryAgainAsync(context, breaker, outcome);
        if (outcome != UpstreamOutcome.Answered)
            await UpstreamFailures.AnswerAsync(context, breaker, outcome, context.Features.Get<IForwarderErrorFeature>(), logger);
        return outcome;
    }

    private async Task<UpstreamOutcome> TryAgainAsync(HttpContext context, UpstreamBreaker breaker, UpstreamOutcome reason)
    {
        var proxy = context.GetReverseProxyFeature();
        var from = proxy.ProxiedDestination;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        proxy.AvailableDestinations = Others(context.GetRouteModel().Cluster!, from);
        proxy.ProxiedDestination = null;
        breaker.Metrics.Retried(breaker.Service);
        await next(context);
        var outcome = UpstreamVerdict.Of(context);
        var decision = new RetryDecision(reason, from?.DestinationId, proxy.ProxiedDestination?.DestinationId, outcome);
        context.Features.Set(decision);
        Activity.Current?.AddEvent(new("retry", tags: new() { ["reason"] = reason.ToString(), ["from"] = decision.From, ["to"] = decision.To }));
        return outcome;
    }

    /// <summary>The replicas beside the one that failed; that one when there is no other.</summary>
    private static IReadOnlyList<DestinationState> Others(ClusterState cluster, DestinationState? failed)
    {
        // The list of those available follows a moment after a replica was taken out.
        var others = cluster.DestinationsState.AvailableDestinations
            .Where(d => d != failed && d.Health.Passive != DestinationHealth.Unhealthy).ToList();
        return others.Count > 0 || failed is null ? others : [failed];
    }

    /// <summary>Once, only without effect and without a body, only when no answer came: neither from the service nor, in part, to the client.</summary>
    private static bool MayTryAgain(HttpContext context, UpstreamOutcome outcome) =>
        outcome is UpstreamOutcome.Away or UpstreamOutcome.Broken
        && !context.Response.HasStarted
        && context.Features.Get<IForwarderErrorFeature>() is { Error: not ForwarderError.NoAvailableDestinations }
        && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method))
        && context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true
        && !context.RequestAborted.IsCancellationRequested;
}
