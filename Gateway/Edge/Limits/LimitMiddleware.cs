using Microsoft.AspNetCore.RateLimiting;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// Counts each request against its caller's limit (the account's when a valid token is shown, else the client address's) and against that of its route, if it has
/// one. Stands between authentication and authorization: a token that is refused counts against the address. Probes are not counted.
/// </summary>
internal sealed class LimitMiddleware(RequestDelegate next, LimitPolicies policies, QuotaStore store)
{
    public Task InvokeAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(context);
        var limits = policies.Current;
        var user = context.User.Identity?.IsAuthenticated == true ? context.User.FindUserId() : null;
        var callers = user is null ? limits.Anonymous : limits.User;
        var taking = callers.Quotas.Find(user is { } id ? CallerKey.Of(id) : CallerKey.Of(context.Connection.RemoteIpAddress)).TakeAsync();
        var routes = metadata?.GetMetadata<RouteLimit>() is { } route ? limits.Find(route.Policy) : null;
        // There is nobody to count an account's limit against: the route will ask for a token.
        if (routes is { By: LimitBy.User } && user is null)
            routes = null;
        if (routes is not null || !taking.IsCompletedSuccessfully)
            return DecideAsync(context, callers, taking, routes, user);
        var verdict = taking.Result;
        return verdict is { IsAllowed: true, DelayMs: 0 } ? Pass(context, callers, verdict) : DecideAsync(context, callers, new(verdict), null, user);
    }

    private Task Pass(HttpContext context, LimitPolicy callers, in Verdict verdict)
    {
        callers.Count(verdict);
        Announce(context, new(context, callers, verdict));
        return next(context);
    }

    private async Task DecideAsync(HttpContext context, LimitPolicy callers, ValueTask<Verdict> taking, LimitPolicy? routes, Guid? user)
    {
        var ofCaller = await taking;
        if (routes is null || !ofCaller.IsAllowed)
        {
            ofCaller = await DelayAsync(context, ofCaller);
            callers.Count(ofCaller);
            await ConcludeAsync(context, new(context, callers, ofCaller));
            return;
        }
        var ofRoute = await routes.Quotas.Find(routes.By == LimitBy.User ? CallerKey.Of(user!.Value) : CallerKey.Of(context.Connection.RemoteIpAddress)).TakeAsync();
        // Both wait at once: the longer one holds.
        if (ofRoute.IsAllowed && ofCaller.DelayMs > ofRoute.DelayMs)
            ofCaller = await DelayAsync(context, ofCaller);
        else
            ofRoute = await DelayAsync(context, ofRoute);
        callers.Count(ofCaller);
        routes.Count(ofRoute);
        await ConcludeAsync(context, new(context, callers, ofCaller, routes, ofRoute));
    }

    /// <summary>Lets a request wait for its permit, unless too many do.</summary>
    private async ValueTask<Verdict> DelayAsync(HttpContext context, Verdict verdict)
    {
        if (verdict is not { IsAllowed: true, DelayMs: > 0 })
            return verdict;
        if (!store.Delays.TryEnter())
            return Verdict.Refuse(verdict.ResetMs, verdict.DelayMs, verdict.IsLocal);
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(verdict.DelayMs), store.Time, context.RequestAborted);
            return verdict;
        }
        finally
        {
            store.Delays.Leave();
        }
    }

    private Task ConcludeAsync(HttpContext context, LimitDecision decision)
    {
        Announce(context, decision);
        var binding = decision.Binding.Verdict;
        return binding.IsAllowed
            ? next(context)
            : Api.Problem(StatusCodes.Status429TooManyRequests, "RATE_LIMITED", "Too many requests: come back later.")
                .RetryAfter(TimeSpan.FromMilliseconds(binding.RetryMs)).ExecuteAsync(context);
    }

    private static void Announce(HttpContext context, LimitDecision decision)
    {
        context.Features.Set(decision);
        context.Response.OnStarting(LimitHeaders.Write, decision);
    }
}
