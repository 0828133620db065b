using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>On an endpoint: the policy that its requests count against beside the caller's own.</summary>
/// <param name="Policy">The policy's name.</param>
internal sealed record RouteLimit(string Policy)
{
    /// <summary>The entry of a route's <c>Metadata</c> that names it.</summary>
    public const string MetadataKey = "Limit";

    /// <summary>What a route of the proxy says.</summary>
    /// <exception cref="InvalidOperationException">There is no such policy.</exception>
    public static void Apply(IEndpointConventionBuilder endpoint, RouteConfig route, LimitPolicies policies)
    {
        if (route.Metadata?.TryGetValue(MetadataKey, out var name) != true)
            return;
        if (policies.Current.Find(name!) is null)
            throw new InvalidOperationException($"Route '{route.RouteId}' is under the limit '{name}', which is not among Limits:Policies.");
        endpoint.WithMetadata(new RouteLimit(name!));
    }
}
