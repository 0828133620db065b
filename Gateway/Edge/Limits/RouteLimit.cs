using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>On an endpoint: the policy that its requests count against beside the caller's own.</summary>
/// <param name="Policy">The policy's name.</param>
internal sealed record RouteLimit(string Policy)
{
    /// <summary>The entry of a route's <c>Metadata</c> that names it.</summary>
    public const string MetadataKey = "Limit";

    /// <summary>What a route of the proxy says. Its policy is looked for when a request comes: of routes and policies that change together, either may change first.</summary>
    public static void Apply(IEndpointConventionBuilder endpoint, RouteConfig route)
    {
        if (route.Metadata?.TryGetValue(MetadataKey, out var name) == true)
            endpoint.WithMetadata(new RouteLimit(name!));
    }

    /// <summary>Looks at what is deployed; a change is looked at before it takes effect.</summary>
    /// <exception cref="InvalidOperationException">A route names a policy that is not there.</exception>
    public static void Check(IConfiguration deployed, LimitPolicies policies)
    {
        foreach (var route in deployed.GetSection("ReverseProxy:Routes").GetChildren())
        {
            if (route[$"Metadata:{MetadataKey}"] is { } name && policies.Current.Find(name) is null)
                throw new InvalidOperationException($"Route '{route.Key}' is under the limit '{name}', which is not among Limits:Policies.");
        }
    }
}
