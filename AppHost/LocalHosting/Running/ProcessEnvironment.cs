using System.Collections.Immutable;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>The environment of one process: what its annotations say, resolved, and which of it is secret.</summary>
internal sealed record ProcessEnvironment(IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> Secrets)
{
    public const string Mask = "••••••••";

    public static async Task<ProcessEnvironment> ComposeAsync(
        IResource resource, IReadOnlyDictionary<string, object> defaults, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken);
        foreach (var (name, value) in defaults)
            context.EnvironmentVariables[name] = value;
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);

        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var secrets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(value, cancellationToken) is not { } text)
                continue;
            values[name] = text;
            if (Secrecy.IsSecret(value))
                secrets.Add(name);
        }
        return new(values, secrets);
    }

    public ImmutableArray<EnvironmentVariableSnapshot> Shown() =>
        [.. Values.Select(v => new EnvironmentVariableSnapshot(v.Key, Secrets.Contains(v.Key) ? Mask : v.Value, IsFromSpec: true))];

    public static async Task<IReadOnlyList<string>> ArgumentsAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await annotation.Callback(context);
        var arguments = new List<string>();
        foreach (var argument in context.Args)
            arguments.Add(await ResolveAsync(argument, cancellationToken) ?? "");
        return arguments;
    }

    private static ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken) =>
        value is IValueProvider provider ? provider.GetValueAsync(cancellationToken) : new(value.ToString());
}
