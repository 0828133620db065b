using System.Globalization;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// <c>RateLimit-Policy</c> and <c>RateLimit</c> as structured fields (draft-ietf-httpapi-ratelimit-headers-10), and the older <c>X-RateLimit-*</c> with the binding
/// policy's numbers; <c>X-RateLimit-Reset</c> is seconds from now, as <c>t</c> is. Written last, in place of what an upstream says of limits of its own.
/// </summary>
internal static class LimitHeaders
{
    public const string Policy = "RateLimit-Policy";
    public const string Limit = "RateLimit";
    public const string XLimit = "X-RateLimit-Limit";
    public const string XRemaining = "X-RateLimit-Remaining";
    public const string XReset = "X-RateLimit-Reset";

    public static Func<object, Task> Write { get; } = static state =>
    {
        var decision = (LimitDecision)state;
        var headers = decision.Headers;
        var binding = decision.Binding;
        if (decision.Route is { } route)
        {
            headers[Policy] = $"{decision.Caller.Policy.PolicyHeader}, {route.Policy.PolicyHeader}";
            headers[Limit] = $"{Item(decision.Caller)}, {Item(route)}";
        }
        else
        {
            headers[Policy] = decision.Caller.Policy.PolicyHeader;
            headers[Limit] = Item(decision.Caller);
        }
        headers[XLimit] = binding.Policy.LimitHeader;
        headers[XRemaining] = binding.Verdict.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[XReset] = Seconds(binding.Verdict.ResetMs).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    };

    private static string Item(in AppliedLimit applied) =>
        string.Create(CultureInfo.InvariantCulture, $"{applied.Policy.ItemPrefix}{applied.Verdict.Remaining};t={Seconds(applied.Verdict.ResetMs)}");

    private static long Seconds(double milliseconds) => (long)Math.Ceiling(milliseconds / 1000);
}
