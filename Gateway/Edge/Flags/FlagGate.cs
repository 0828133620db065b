using System.Buffers;
using TalentSphere.Gateway.Edge.Explain;
using TalentSphere.Gateway.Edge.Tenants;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>A route that only those have who have the flag. Route metadata <c>Flag</c>.</summary>
internal sealed record RequiredFlag(string Key);

/// <summary>Answers 404 on a route whose flag the caller does not have; a flag that does not exist nobody has.</summary>
internal sealed class FlagGateMiddleware(RequestDelegate next, FlagStore flags)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredFlag>() is not { } required)
            return next(context);
        var decision = flags.Evaluate(required.Key, FlagCallers.Of(context));
        context.Features.Get<RequestDecisions>()?.Flag = $"{required.Key} {(decision.On ? "on" : "off")} by {decision.Reason}";
        if (!decision.On)
            return Api.NotFound().ExecuteAsync(context);
        // A shared cache in front would give the answer to those who do not have the flag.
        context.Response.OnStarting(static state =>
        {
            ((HttpContext)state).Response.Headers.CacheControl = "private, no-store";
            return Task.CompletedTask;
        }, context);
        return next(context);
    }
}

/// <summary>Wires the gate.</summary>
internal static class FlagGate
{
    private const string _metadata = "Flag";

    /// <summary>Reads a route's flag once, when its endpoint is made.</summary>
    public static void AddRequiredFlag(this IEndpointConventionBuilder endpoint, RouteConfig route)
    {
        if (route.Metadata?.TryGetValue(_metadata, out var key) == true)
            endpoint.WithMetadata(new RequiredFlag(key));
    }
}

/// <summary>Whom a request's flags are evaluated for.</summary>
internal static class FlagCallers
{
    /// <summary>What an anonymous client calls itself, so that a roll-out is the same from one request to the next: 1 to 64 of <c>[A-Za-z0-9._-]</c>.</summary>
    public const string AnonymousIdHeader = "X-Anonymous-Id";

    private static readonly SearchValues<char> _idCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static FlagSubject Of(HttpContext context)
    {
        var tenant = context.Features.Get<TenantContext>()?.Id;
        if (context.User.FindUserId() is { } user)
            return FlagSubject.SignedIn(user, context.User.Roles(), tenant);
        return FlagSubject.Anonymous(IdOf(context.Request.Headers[AnonymousIdHeader]), tenant);
    }

    public static string? IdOf(string? text) => text is { Length: > 0 and <= 64 } && !text.AsSpan().ContainsAnyExcept(_idCharacters) ? text : null;
}
