#pragma warning disable ASPIREPROBES001 // Probes are what the manifests are made of.
using System.Globalization;
using System.Text.RegularExpressions;

namespace TalentSphere.AppHost.Kubernetes.Model;

/// <summary>Takes the <see cref="MeshModel"/> out of Aspire's app model. Runs the environment callbacks; reads no value of a parameter.</summary>
internal static partial class MeshModelReader
{
    /// <summary>The order of everything in it is by name, so that moving a line in <c>AppHost.cs</c> changes no manifest.</summary>
    public static async Task<MeshModel> ReadAsync(
        DistributedApplicationModel model, DistributedApplicationExecutionContext execution, EventCatalogue events, string root, CancellationToken cancellationToken)
    {
        var servers = model.Resources.Select(ServerOf).OfType<Server>().OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        var workloads = new List<Workload>();
        foreach (var project in model.Resources.OfType<ProjectResource>())
            workloads.Add(await WorkloadOfAsync(project, servers, execution, events, root, cancellationToken));
        var parameters = ParametersOf(workloads, servers);
        workloads.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var longest = LongestRequests.Read(workloads, root);
        return new([.. workloads.Select(w => w with { LongestRequest = longest.GetValueOrDefault(w.Name) })], servers, parameters) { Exchange = events.Exchange };
    }

    private static Server? ServerOf(IResource resource) => resource switch
    {
        PostgresServerResource postgres => new(postgres.Name, ServerKind.Postgres, VersionOf(postgres), SecretsOf(postgres)),
        RedisServerResource redis => new(redis.Name, ServerKind.Redis, VersionOf(redis), SecretsOf(redis)),
        RabbitMqServerResource rabbit => new(rabbit.Name, ServerKind.RabbitMq, VersionOf(rabbit), SecretsOf(rabbit)),
        _ => null,
    };

    private static string VersionOf(IResource server) => server.Annotations.OfType<ContainerImageAnnotation>().Last().Tag ?? "";

    private static string SecretsOf(IResourceWithConnectionString server) =>
        PartsOf(server.ConnectionStringExpression).OfType<ParameterPart>().Single(p => p.Secret).Name;

    private static async Task<Workload> WorkloadOfAsync(
        ProjectResource project, List<Server> servers, DistributedApplicationExecutionContext execution, EventCatalogue events, string root,
        CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, project, cancellationToken: cancellationToken);
        foreach (var annotation in project.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);
        var settings = context.EnvironmentVariables.Where(v => !IsTargets(v.Key))
            .Select(v => new Setting(v.Key, Merge(PartsOf(v.Value)))).OrderBy(s => s.Key, StringComparer.Ordinal).ToList();

        var related = project.Annotations.OfType<ResourceRelationshipAnnotation>().Where(r => r.Type == "Reference").Select(r => r.Resource).ToList();
        var named = settings.SelectMany(s => s.Parts).OfType<EndpointPart>().Select(e => e.Resource).Concat(related.OfType<ProjectResource>().Select(p => p.Name));
        var isServer = servers.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var reached = named.Where(n => n != project.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var database = related.OfType<PostgresDatabaseResource>().FirstOrDefault();
        var external = project.Annotations.OfType<EndpointAnnotation>().Any(e => e.IsExternal);
        return new()
        {
            Name = project.Name,
            Kind = external ? WorkloadKind.Gateway : database is not null ? WorkloadKind.Service : WorkloadKind.Worker,
            Project = Path.GetRelativePath(root, project.Annotations.OfType<IProjectMetadata>().Last().ProjectPath).Replace('\\', '/'),
            Settings = settings,
            Probes = [.. project.Annotations.OfType<EndpointProbeAnnotation>().Select(ProbeOf)],
            Calls = [.. reached.Where(n => !isServer.Contains(n))],
            Servers = [.. reached.Where(isServer.Contains)],
            WaitsFor = [.. project.Annotations.OfType<WaitAnnotation>().Select(w => ServerBehind(w.Resource).Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Database = database is null ? null : new(database.Parent.Name, database.Database, database.Password.Name),
            Queue = events.QueueOf(project.Name),
            RunsStrangersPrograms = project.Annotations.OfType<StrangersProgramsAnnotation>().Any(),
            Publishes = events.PublishedBy(project.Name),
        };
    }

    // Which ports a process listens on and whom it sends its telemetry to is the target's business, not the model's.
    private static bool IsTargets(string key) => key is "ASPNETCORE_URLS" or "HTTP_PORTS" or "HTTPS_PORTS" or "ASPNETCORE_FORWARDEDHEADERS_ENABLED"
        || key.StartsWith("OTEL_", StringComparison.Ordinal);

    private static IResource ServerBehind(IResource resource) => resource is PostgresDatabaseResource database ? database.Parent : resource;

    private static Probe ProbeOf(EndpointProbeAnnotation probe) => new(
        probe.Type, probe.EndpointReference.EndpointName, probe.Path, probe.InitialDelaySeconds, probe.PeriodSeconds, probe.TimeoutSeconds, probe.FailureThreshold,
        probe.SuccessThreshold);

    /// <summary>Values are trees: expressions hold endpoints, parameters, connection strings and other expressions.</summary>
    private static IEnumerable<ValuePart> PartsOf(object? value) => value switch
    {
        null => [],
        string text => [new TextPart(text)],
        ParameterResource parameter => [new ParameterPart(parameter.Name, parameter.Secret)],
        EndpointReference endpoint => [new EndpointPart(endpoint.Resource.Name, endpoint.EndpointName, EndpointProperty.Url)],
        EndpointReferenceExpression part => [new EndpointPart(part.Endpoint.Resource.Name, part.Endpoint.EndpointName, part.Property)],
        ReferenceExpression expression => PartsOf(expression),
        ConnectionStringReference reference => PartsOf(reference.Resource.ConnectionStringExpression),
        IResourceWithConnectionString resource => PartsOf(resource.ConnectionStringExpression),
        _ => throw new DistributedApplicationException($"A manifest cannot say what a {value.GetType().Name} is."),
    };

    private static IEnumerable<ValuePart> PartsOf(ReferenceExpression expression)
    {
        var last = 0;
        foreach (Match hole in Hole().Matches(expression.Format))
        {
            yield return Literal(expression.Format[last..hole.Index]);
            last = hole.Index + hole.Length;
            if (!hole.Groups["n"].Success)
            {
                yield return Literal(hole.Value);
                continue;
            }
            foreach (var part in PartsOf(expression.ValueProviders[int.Parse(hole.Groups["n"].Value, CultureInfo.InvariantCulture)]))
                yield return part;
        }
        yield return Literal(expression.Format[last..]);

        static TextPart Literal(string format) => new(format.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal));
    }

    private static List<ValuePart> Merge(IEnumerable<ValuePart> parts)
    {
        var merged = new List<ValuePart>();
        foreach (var part in parts)
        {
            if (part is TextPart { Text: var text })
            {
                if (text.Length == 0)
                    continue;
                if (merged is [.., TextPart before])
                {
                    merged[^1] = new TextPart(before.Text + text);
                    continue;
                }
            }
            merged.Add(part);
        }
        return merged;
    }

    /// <summary>Only what some workload is told, or a server is made with, is a parameter of a deployment.</summary>
    private static List<Parameter> ParametersOf(IReadOnlyList<Workload> workloads, IReadOnlyList<Server> servers)
    {
        var parameters = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var server in servers)
            parameters.TryAdd(server.PasswordParameter, new(server.PasswordParameter, Secret: true, server.Name));
        foreach (var database in workloads.Select(w => w.Database).OfType<DatabaseUse>())
            parameters.TryAdd(database.PasswordParameter, new(database.PasswordParameter, Secret: true, database.Server));
        // In the order in which they are declared: what is made first keeps it.
        foreach (var workload in workloads)
        {
            foreach (var part in workload.Settings.SelectMany(s => s.Parts).OfType<ParameterPart>())
                parameters.TryAdd(part.Name, new(part.Name, part.Secret, workload.Name));
        }
        return [.. parameters.Values.OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"\{\{|\}\}|\{(?<n>\d+)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hole();
}
