#pragma warning disable ASPIREPROBES001 // Probes are what the manifests are made of.
using System.Globalization;
using System.Text;

namespace TalentSphere.AppHost.Kubernetes.Model;

/// <summary>What a process of the mesh is to the others. It follows from the model: the gateway is open to the outside, a service owns a database, a worker has neither.</summary>
internal enum WorkloadKind
{
    Gateway,
    Service,
    Worker,
}

/// <summary>What kind of server the services build on.</summary>
internal enum ServerKind
{
    Postgres,
    Redis,
    RabbitMq,
}

/// <summary>One piece of a setting's value.</summary>
internal abstract record ValuePart;

/// <summary>Text as it stands.</summary>
internal sealed record TextPart(string Text) : ValuePart;

/// <summary>A value from outside, by its parameter's name.</summary>
internal sealed record ParameterPart(string Name, bool Secret) : ValuePart;

/// <summary>A part of an endpoint of a workload or server; what it is, is the target's business.</summary>
internal sealed record EndpointPart(string Resource, string Endpoint, EndpointProperty Property) : ValuePart;

/// <summary>One environment variable. Connection strings keep their holes: no value of a parameter is ever read.</summary>
internal sealed record Setting(string Key, IReadOnlyList<ValuePart> Parts)
{
    /// <summary>A secret stands somewhere in it.</summary>
    public bool IsSecret => Parts.OfType<ParameterPart>().Any(p => p.Secret);

    /// <summary>The non-secret parameters in it.</summary>
    public IEnumerable<string> Parameters => Parts.OfType<ParameterPart>().Where(p => !p.Secret).Select(p => p.Name);

    /// <summary>The secret parameters in it.</summary>
    public IEnumerable<string> Secrets => Parts.OfType<ParameterPart>().Where(p => p.Secret).Select(p => p.Name);

    /// <summary>The text, with parameters and endpoints as the target writes them.</summary>
    public string Compose(Func<ParameterPart, string> parameter, Func<EndpointPart, string> endpoint)
    {
        var text = new StringBuilder();
        foreach (var part in Parts)
        {
            text.Append(part switch
            {
                TextPart plain => plain.Text,
                ParameterPart hole => parameter(hole),
                EndpointPart hole => endpoint(hole),
                _ => throw new NotSupportedException(part.GetType().Name),
            });
        }
        return text.ToString();
    }
}

/// <summary>How a workload is probed over HTTP. Times in seconds.</summary>
internal sealed record Probe(ProbeType Type, string Endpoint, string Path, int InitialDelay, int Period, int Timeout, int Failures, int Successes);

/// <summary>A database of a server, owned by the login of the same name.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Name">The database's and its login's name.</param>
/// <param name="PasswordParameter">The secret parameter that holds the login's password.</param>
internal sealed record DatabaseUse(string Server, string Name, string PasswordParameter);

/// <summary>A process of the mesh.</summary>
internal sealed record Workload
{
    /// <summary>Its name: the Deployment's, the Service's, the label's.</summary>
    public required string Name { get; init; }

    public required WorkloadKind Kind { get; init; }

    /// <summary>Its project file, from the repository's root, with forward slashes.</summary>
    public required string Project { get; init; }

    /// <summary>The program in its image.</summary>
    public string Assembly => $"TalentSphere.{Path.GetFileNameWithoutExtension(Project)}.dll";

    /// <summary>What is told to it, sorted by key.</summary>
    public required IReadOnlyList<Setting> Settings { get; init; }

    public required IReadOnlyList<Probe> Probes { get; init; }

    /// <summary>The workloads it calls, sorted: one edge each.</summary>
    public required IReadOnlyList<string> Calls { get; init; }

    /// <summary>The servers it connects to, sorted: one edge each.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>The workloads and servers that must be there before it starts, sorted.</summary>
    public required IReadOnlyList<string> WaitsFor { get; init; }

    /// <summary>Its own database, if it has one.</summary>
    public DatabaseUse? Database { get; init; }

    /// <summary>The queue that it consumes, if it hears anything.</summary>
    public EventQueue? Queue { get; init; }

    /// <summary>The routing keys that it publishes, sorted.</summary>
    public IReadOnlyList<string> Publishes { get; init; } = [];

    /// <summary>It runs what strangers send, and needs what boxes are made of.</summary>
    public bool RunsStrangersPrograms { get; init; }

    /// <summary>The longest that a request to it may take.</summary>
    public TimeSpan LongestRequest { get; init; }

    public IEnumerable<Setting> SecretSettings => Settings.Where(s => s.IsSecret);

    public IEnumerable<Setting> PlainSettings => Settings.Where(s => !s.IsSecret);

    public bool UsesServer(MeshModel mesh, ServerKind kind) => Servers.Any(name => mesh.Server(name).Kind == kind);
}

/// <summary>A server that services build on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Version">The major version that the model asks for.</param>
/// <param name="PasswordParameter">The secret parameter of its administrator's or only user's password.</param>
internal sealed record Server(string Name, ServerKind Kind, string Version, string PasswordParameter);

/// <summary>A queue with what it is bound to.</summary>
internal sealed record EventQueue(string Name, string DeadLetterQueue, IReadOnlyList<string> Topics);

/// <summary>A value from outside.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Secret">Whether it may be seen.</param>
/// <param name="Owner">The server, else the first workload that uses it: where the vault keeps it.</param>
internal sealed record Parameter(string Name, bool Secret, string Owner);

/// <summary>The mesh as the generators see it: taken from the app model and the event contracts once, free of any target's notions.</summary>
internal sealed record MeshModel(IReadOnlyList<Workload> Workloads, IReadOnlyList<Server> Servers, IReadOnlyList<Parameter> Parameters)
{
    /// <summary>The exchange that every event passes.</summary>
    public string Exchange { get; init; } = "";

    public Workload Workload(string name) => Workloads.FirstOrDefault(w => w.Name == name) ?? throw new KeyNotFoundException($"There is no workload '{name}'.");

    public Server Server(string name) => Servers.FirstOrDefault(s => s.Name == name) ?? throw new KeyNotFoundException($"There is no server '{name}'.");

    public Parameter Parameter(string name) => Parameters.FirstOrDefault(p => p.Name == name) ?? throw new KeyNotFoundException($"There is no parameter '{name}'.");

    public bool HasWorkload(string name) => Workloads.Any(w => w.Name == name);

    /// <summary>The workloads that call <paramref name="name"/>, sorted.</summary>
    public IEnumerable<Workload> CallersOf(string name) => Workloads.Where(w => w.Calls.Contains(name)).OrderBy(w => w.Name, StringComparer.Ordinal);

    /// <summary>The workloads that connect to the server <paramref name="name"/>, sorted.</summary>
    public IEnumerable<Workload> UsersOf(string name) => Workloads.Where(w => w.Servers.Contains(name)).OrderBy(w => w.Name, StringComparer.Ordinal);

    /// <summary>The workloads that own a database of that server, sorted.</summary>
    public IEnumerable<Workload> DatabasesOn(string server) => Workloads.Where(w => w.Database?.Server == server).OrderBy(w => w.Name, StringComparer.Ordinal);
}

/// <summary>Numbers and names as text, the same on every machine.</summary>
internal static class Invariant
{
    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
