using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// An answer by something in a service's place, a sidecar or an ingress that has nowhere to go: 502, 503 or 504 without the correlation id that every service answers
/// with. It says that the service is away, and its text is for nobody.
/// </summary>
/// <param name="Outcome">What it says of the service.</param>
internal sealed record StandInAnswer(UpstreamOutcome Outcome)
{
    public static void Recognize(TransformBuilderContext context) => context.AddResponseTransform(static transform =>
    {
        if (transform.ProxyResponse is not { } answer || (int)answer.StatusCode is not (>= 502 and <= 504) || answer.Headers.Contains(Correlation.HeaderName))
            return default;
        var context = transform.HttpContext;
        context.Features.Set(new StandInAnswer((int)answer.StatusCode == StatusCodes.Status504GatewayTimeout ? UpstreamOutcome.TooSlow : UpstreamOutcome.Broken));
        transform.SuppressResponseBody = true;
        foreach (var (name, _) in answer.Headers.NonValidated)
            context.Response.Headers.Remove(name);
        foreach (var (name, _) in answer.Content.Headers.NonValidated)
            context.Response.Headers.Remove(name);
        return default;
    });
}
