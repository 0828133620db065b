using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>What the app model and the event contracts say, against which manifests are held.</summary>
/// <param name="Workloads">The processes, each with its kind.</param>
/// <param name="Calls">Who calls whom.</param>
/// <param name="Uses">Who connects to which server.</param>
/// <param name="Servers">The servers, each with its kind.</param>
/// <param name="Queues">Who hears, each with its queue.</param>
/// <param name="DeadLetterQueues">Where what was given up on goes.</param>
/// <param name="Mails">Who is told of a mail server outside.</param>
internal sealed record AppFacts(
    IReadOnlyDictionary<string, WorkloadKind> Workloads, IReadOnlySet<(string From, string To)> Calls, IReadOnlySet<(string From, string Server)> Uses,
    IReadOnlyDictionary<string, ServerKind> Servers, IReadOnlyDictionary<string, string> Queues, IReadOnlySet<string> DeadLetterQueues,
    IReadOnlySet<string> Mails)
{
    public static AppFacts Of(MeshModel mesh) => new(
        mesh.Workloads.ToDictionary(w => w.Name, w => w.Kind),
        mesh.Workloads.SelectMany(w => w.Calls.Select(c => (w.Name, c))).ToHashSet(),
        mesh.Workloads.SelectMany(w => w.Servers.Select(s => (w.Name, s))).ToHashSet(),
        mesh.Servers.ToDictionary(s => s.Name, s => s.Kind),
        mesh.Workloads.Where(w => w.Queue is not null).ToDictionary(w => w.Name, w => w.Queue!.Name),
        mesh.Workloads.Where(w => w.Queue is not null).Select(w => w.Queue!.DeadLetterQueue).ToHashSet(),
        mesh.Workloads.Where(w => w.Settings.Any(s => s.Key.StartsWith("Mail__Smtp__", StringComparison.Ordinal))).Select(w => w.Name).ToHashSet());
}
