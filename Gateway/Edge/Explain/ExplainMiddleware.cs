using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.Gateway.Edge.Resilience;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Explain;

/// <summary>
/// Tells an administrator who sends <c>x-explain: 1</c> what was decided about that very request: JSON in the header of the same name, so that the body stays as it
/// is. From anybody else the header is nothing, and services never see it.
/// </summary>
internal sealed class ExplainMiddleware(RequestDelegate next)
{
    public const string HeaderName = "x-explain";

    /// <summary>Nine decisions of this length stay below 4 KB, the least that clients take of one header.</summary>
    private const int _longest = 400;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(HeaderName, out var asked) || asked is not ["1"] || !context.User.IsInRole("admin"))
            return next(context);
        context.Features.Set(new RequestDecisions());
        context.Response.OnStarting(static state => Tell((HttpContext)state), context);
        return next(context);
    }

    private static Task Tell(HttpContext context)
    {
        var decisions = context.Features.GetRequiredFeature<RequestDecisions>();
        var endpoint = context.GetEndpoint();
        decisions.Route ??= endpoint?.Metadata.GetMetadata<RouteModel>()?.Config.RouteId ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        decisions.Limit ??= context.Features.Get<LimitDecision>() is { } limit ? Limit(limit) : null;
        decisions.Breaker ??= context.Features.Get<BreakerDecision>() is { } breaker ? $"{breaker.Service}: {breaker.State}, {(breaker.Admitted ? "passed" : "refused")}" : null;
        decisions.Retry ??= context.Features.Get<RetryDecision>() is { } retry ? $"{retry.Reason} at {retry.From ?? "nobody"}, then {retry.Outcome} at {retry.To ?? "nobody"}" : null;
        if (context.Features.Get<IReverseProxyFeature>() is { } proxy)
            decisions.Upstream ??= Upstream(proxy, context.Features.Get<IForwarderErrorFeature>());
        // The default encoder writes ASCII only, and no line ends.
        context.Response.Headers[HeaderName] = JsonSerializer.Serialize(
            new RequestDecisions
            {
                Route = Cut(decisions.Route),
                Tenant = Cut(decisions.Tenant),
                Flag = Cut(decisions.Flag),
                Limit = Cut(decisions.Limit),
                Idempotency = Cut(decisions.Idempotency),
                Cache = Cut(decisions.Cache),
                Breaker = Cut(decisions.Breaker),
                Retry = Cut(decisions.Retry),
                Upstream = Cut(decisions.Upstream),
            }, _json);
        context.Response.Headers.CacheControl = "private, no-store";
        return Task.CompletedTask;
    }

    private static string Limit(LimitDecision decision)
    {
        var (policy, verdict) = decision.Binding;
        return $"{policy.Name}: {(verdict.IsAllowed ? "allowed" : "refused")}, {verdict.Remaining} left";
    }

    private static string Upstream(IReverseProxyFeature proxy, IForwarderErrorFeature? failure)
    {
        var destination = proxy.ProxiedDestination is { } reached ? $"{reached.DestinationId} {reached.Model.Config.Address}" : "nobody";
        return $"{proxy.Cluster.Config.ClusterId}: {destination}, {proxy.AvailableDestinations.Count} of {proxy.AllDestinations.Count} available"
            + (failure is null ? "" : $", {failure.Error}");
    }

    private static string? Cut(string? text) => text?.Length > _longest ? text[.._longest] : text;
}
