using System.Globalization;

namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>
/// How a pod ends without losing a request: it sleeps while the endpoints that still name it go away, then takes SIGTERM, finishes what it has, and only after
/// all that may be killed.
/// </summary>
internal static class Draining
{
    /// <summary>How long kube-proxy and the gateways may need to hear that the pod is going. The pod serves on meanwhile.</summary>
    public static readonly TimeSpan PreStop = TimeSpan.FromSeconds(10);

    /// <summary>What the process adds before it stops to listen: nothing, as the sleep above did that.</summary>
    public static readonly TimeSpan Delay = TimeSpan.Zero;

    /// <summary>How long requests and messages under way may take. Told to the process, so that the grace period cannot drift from it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(15);

    /// <summary>Seconds from the deletion of the pod to SIGKILL.</summary>
    public static int GracePeriod => (int)(PreStop + Delay + Timeout + _margin).TotalSeconds;

    public static string Written(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
