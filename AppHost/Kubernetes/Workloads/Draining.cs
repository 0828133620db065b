using System.Globalization;

namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>
/// How a pod ends without losing a request: it sleeps while the endpoints that still name it go away, then takes SIGTERM, finishes what it has, and only after
/// all that may be killed. How long it may take is told to the process (<c>Drain__Timeout</c>), so that the grace period cannot drift from it.
/// </summary>
internal static class Draining
{
    /// <summary>How long kube-proxy and the gateways may need to hear that the pod is going. The pod serves on meanwhile.</summary>
    public static readonly TimeSpan PreStop = TimeSpan.FromSeconds(10);

    /// <summary>What the process adds before it stops to listen: nothing, as the sleep above did that.</summary>
    public static readonly TimeSpan Delay = TimeSpan.Zero;

    // What the code takes by itself: enough for messages under way.
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(15);

    /// <summary>How long requests and messages under way may take: longer than the longest request.</summary>
    public static TimeSpan Timeout(Workload workload)
    {
        var request = workload.LongestRequest + TimeSpan.FromSeconds(5);
        return request > _least ? request : _least;
    }

    /// <summary>Seconds from the deletion of the pod to SIGKILL.</summary>
    public static int GracePeriod(Workload workload) => (int)(PreStop + Delay + Timeout(workload) + _margin).TotalSeconds;

    public static string Written(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
